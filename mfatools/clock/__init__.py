"""Is this clock right? Network time, measured, bounded and explained.

::

    report = check_clock()          # asks, and takes at most two seconds
    report.offset, report.bound     # add the offset to the local clock; the truth is within the bound
    print(report.verdict)           # what it means for codes, in words

``servers`` says whom it asks, ``poll`` when and how often, ``udp`` and ``https`` speak with the network, ``system``
with the operating system, ``verdict`` and ``words`` with people. An import sends nothing.
"""

from mfatools.clock.ask import Sources, Tools, check_clock, check_clock_async, sources
from mfatools.clock.report import ClockReport
from mfatools.clock.servers import HTTPS, SERVERS, Server
from mfatools.clock.system import SystemClock, ask_system
from mfatools.clock.verdict import Risk, State, Verdict
from mfatools.clock.watch import Look, Watch
from mfatools.consensus import Confidence, Voice

__all__ = [
    "HTTPS",
    "SERVERS",
    "ClockReport",
    "Confidence",
    "Look",
    "Risk",
    "Server",
    "Sources",
    "State",
    "SystemClock",
    "Tools",
    "Verdict",
    "Voice",
    "Watch",
    "ask_system",
    "check_clock",
    "check_clock_async",
    "sources",
]
