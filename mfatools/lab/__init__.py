"""The lab bench: a phone, a wire and a service whose clocks we set, and time that goes when we say so.

Nothing here reads a clock, opens a socket or sleeps; thousands of sign-ins take a second, and the same seed
gives the same run. Break one thing and see what a person would see; or let the diagnosis find it.

Every ``offset`` on the bench is a clock minus true time, in seconds: positive is fast.

Example:
    >>> from mfatools import lab
    >>> service = lab.Service(policy=lab.Policy.preset("pypi"))
    >>> bench = lab.Bench(phone=lab.Phone(lab.Clock(offset=-88)), service=service)
    >>> bench.enrol().answer.reason.value
    'out of step'
"""

from __future__ import annotations

from mfatools.lab.answer import Answer, Reason
from mfatools.lab.bench import Attempt, Bench
from mfatools.lab.ceremony import Enrolment, enrol
from mfatools.lab.clocks import START, Clock, Person, Time, Wire
from mfatools.lab.faults import FAULTS, Fault
from mfatools.lab.guard import Guard, tries, tries_possible
from mfatools.lab.member import Channel, Page
from mfatools.lab.phone import Entry, Message, Phone, Quirk
from mfatools.lab.policy import GuardRule, Policy, presets
from mfatools.lab.recovery import Sheet
from mfatools.lab.service import Service
from mfatools.lab.timeserver import Behaviour, TimeServer

__all__ = [
    "FAULTS",
    "START",
    "Answer",
    "Attempt",
    "Behaviour",
    "Bench",
    "Channel",
    "Clock",
    "Enrolment",
    "Entry",
    "Fault",
    "Guard",
    "GuardRule",
    "Message",
    "Page",
    "Person",
    "Phone",
    "Policy",
    "Quirk",
    "Reason",
    "Service",
    "Sheet",
    "Time",
    "TimeServer",
    "Wire",
    "enrol",
    "presets",
    "tries",
    "tries_possible",
]
