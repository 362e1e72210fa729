"""The widgets: one widget is one Python module, one JavaScript file and one style sheet.

Nothing is imported here, so that ``import mfatools`` stays light; ask for the module that you need.
"""
