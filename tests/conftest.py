"""For all tests: a property is judged by what holds, not by how long a busy machine takes over one example."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("unhurried", parent=settings(), deadline=None)
settings.load_profile("unhurried")
