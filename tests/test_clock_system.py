"""What the operating system says of its clock, from the text its programs print, and what kind of machine it is."""

from __future__ import annotations

import subprocess

import pytest

from mfatools.clock import machine, system, words
from mfatools.clock.machine import installed, remedy
from mfatools.clock.system import SystemClock, ask_system

CHRONYC = "C0A80001,ntp.example,2,1800000000.5,0.000123,-0.00002,0.0001,-5.1,0.0,0.1,0.02,0.001,64.2,Normal\n"
CHRONYC_OFF = "7F7F0101,,0,0.000000000,0.0,0.0,0.0,0.0,0.0,0.0,1.0,1.0,0.0,Not synchronised\n"
SHOW_ON = "Timezone=Etc/UTC\nLocalRTC=no\nCanNTP=yes\nNTP=yes\nNTPSynchronized=yes\n"
SHOW_OFF = "Timezone=Etc/UTC\nLocalRTC=no\nCanNTP=no\nNTP=no\nNTPSynchronized=no\n"
TIMESYNC = "SystemNTPServers=\nServerName=ntp.example\nServerAddress=192.0.2.1\nNTPMessage={ Leap=0 }\n"
NTPQ = (
    "associd=0 status=0615 leap_none, sync_ntp, 1 event, clock_sync,\n"
    'version="ntpd", processor="x86_64", system="Linux", leap=00,\nstratum=3, precision=-24, '
    "rootdelay=12.1, rootdisp=30.5, refid=192.0.2.1,\noffset=+1.250000, frequency=-3.2"
)
NTPQ_OFF = "associd=0 status=c016 leap_alarm, sync_unspec,\nstratum=16, leap=11, refid=INIT, offset=+0.0"
W32TM = """Leap Indicator: 0(no warning)
Stratum: 4 (secondary reference - syncd by (S)NTP)
Precision: -23 (119.209ns per tick)
Root Delay: 0.0312500s
Root Dispersion: 0.0512345s
ReferenceId: 0xC0000201 (source IP:  192.0.2.1)
Last Successful Sync Time: 11/22/2026 7:30:00 AM
Source: ntp.example,0x8
Poll Interval: 10 (1024s)
"""
W32TM_IT_OFF = """Indicatore dispersione: 3(non sincronizzato)
Strato: 0 (non specificato)
Precisione: -23 (119.209ns per tick)
Ritardo radice: 0.0000000s
Dispersione radice: 0.0000000s
ID riferimento: 0x00000000 (non specificato)
Ora ultima sincronizzazione riuscita: non specificata
Origine: Local CMOS Clock
Intervallo di polling: 6 (64s)
"""
# The layouts of other languages as Checkmk's tests of its plug-in w32time_status record them (addresses changed):
# the French put a no-break space before the colon, the German console another code page.
W32TM_DE = """Sprungindikator: 0(keine Warnung)
Stratum: 3 (Sekund\x84rreferenz - synchr. \x81ber (S)NTP)
Pr\x84zision: -23 (119.209ns pro Tick)
Stammverz\x94gerung: 0.0336332s
Stammabweichung: 0.1054265s
Referenz-ID: 0xC0000201 (Quell-IP:  192.0.2.1)
Letzte erfolgr. Synchronisierungszeit: 15.09.2025 13:12:56
Quelle: ntp.example,0x9
Abrufintervall: 13 (8192s)
"""
W32TM_FR = """Indicateur de d\u00e9rive\u00a0: 0(Aucun avertissement)
Couche\u00a0: 4 (R\u00e9f\u00e9rence secondaire, synchronis\u00e9e par (S)NTP)
Pr\u00e9cision\u00a0: -23 (119.209ns par battement)
D\u00e9lai de racine\u00a0: 0.1303487s
Dispersion de racine\u00a0: 0.0100002s
ID de r\u00e9f\u00e9rence\u00a0: 0x564D5450 (IP de la source\u00a0:  86.77.84.80)
Heure de la derni\u00e8re synchronisation r\u00e9ussie\u00a0: 15/09/2025 01:11:10
Source\u00a0: VM IC Time Synchronization Provider
Intervalle d\u2019interrogation\u00a0: 6 (64s)
"""
W32TM_ZH = """Leap \u6307\u793a\u7b26: 0(\u65e0\u8b66\u544a)
\u5c42\u6b21: 2 (\u6b21\u5f15\u7528 - \u4e0e(S)NTP \u540c\u6b65)
\u7cbe\u5ea6: -6 (\u6bcf\u523b\u5ea6 15.625ms)
\u6839\u5ef6\u8fdf: 0.0092768s
\u6839\u5206\u6563: 8.2606345s
\u5f15\u7528 ID: 0xC0000201 (\u6e90 IP:  192.0.2.1)
\u4e0a\u6b21\u6210\u529f\u540c\u6b65\u65f6\u95f4: 2025/9/14 23:55:21
\u6e90: ntp.example
\u8f6e\u8be2\u95f4\u9694: 6 (64s)
"""
W32TM_DE_OFF = """Sprungindikator: 3(nicht synchronisiert)
Stratum: 0 (nicht angegeben)
Pr\x84zision: -23 (119.209ns pro Tick)
Stammverz\x94gerung: 0.0000000s
Stammabweichung: 0.0000000s
Referenz-ID: 0x00000000 (nicht angegeben)
Letzte erfolgr. Synchronisierungszeit: nicht angegeben
Quelle: Lokale CMOS-Uhr
Abrufintervall: 10 (1024s)
"""
W32TM_STOPPED = "Folgender Fehler ist aufgetreten: Der Dienst wurde nicht gestartet. (0x80070426)\n"
# as the Arch Linux wiki shows it, shortened
TIMESYNC_ALL = """FallbackNTPServers=0.arch.pool.ntp.org 1.arch.pool.ntp.org
ServerName=0.arch.pool.ntp.org
ServerAddress=192.0.2.1
RootDistanceMaxUSec=5s
PollIntervalUSec=1min 4s
NTPMessage={ Leap=0, Version=4, Mode=4, Stratum=2, Precision=-21, RootDelay=177.398ms, Ignored=no PacketCount=1 }
Frequency=22520548
"""


@pytest.mark.parametrize(
    ("read", "text", "synchronised", "source"),
    [
        (system.read_chronyc, CHRONYC, True, "ntp.example"),
        (system.read_chronyc, CHRONYC_OFF, False, ""),
        (system.read_timedatectl, SHOW_ON, True, ""),
        (system.read_timedatectl, SHOW_OFF, False, ""),
        (system.read_timesync, TIMESYNC, True, "ntp.example"),
        (system.read_timesync, "ServerName=\n", None, ""),
        (system.read_ntpq, NTPQ, True, "192.0.2.1"),
        (system.read_ntpq, NTPQ_OFF, False, "INIT"),
        (system.read_w32tm, W32TM, True, "ntp.example"),
        (system.read_w32tm, W32TM_IT_OFF, False, ""),
        (system.read_w32tm, W32TM_DE, True, "ntp.example"),
        (system.read_w32tm, W32TM_FR, True, "VM IC Time Synchronization Provider"),
        (system.read_w32tm, W32TM_ZH, True, "ntp.example"),
        (system.read_w32tm, W32TM_DE_OFF, False, ""),
        (system.read_w32tm, W32TM_STOPPED, False, ""),
        (system.read_w32tm, "The following error occurred: Access is denied. (0x80070005)\n", None, ""),
        (system.read_timesync, TIMESYNC_ALL, True, "0.arch.pool.ntp.org"),
        (system.read_timesync, TIMESYNC_ALL.replace("Leap=0", "Leap=3"), None, ""),
        (system.read_systemsetup, "Network Time: On\n", True, ""),
        (system.read_systemsetup, "Network Time: Off\n", False, ""),
        (system.read_systemsetup, "You need administrator access to run this tool... exiting!\n", None, ""),
        (system.read_macos, "1\n", True, ""),
        (system.read_macos, "0\n", False, ""),
    ],
)
def test_each_program_is_understood(read, text, synchronised, source):
    said = read(text)
    assert said.synchronised is synchronised
    assert said.source == source
    assert str(said)


@pytest.mark.parametrize(
    "read",
    [
        system.read_chronyc,
        system.read_timedatectl,
        system.read_timesync,
        system.read_ntpq,
        system.read_w32tm,
        system.read_macos,
        system.read_systemsetup,
    ],
)
@pytest.mark.parametrize("text", ["", "506 Cannot talk to daemon\n", "a=b\nc,d,e", ":\n" * 9])
def test_anything_else_says_nothing_for_sure(read, text):
    assert read(text).synchronised is not True


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (system.read_chronyc, "7F7F0101,,3,1800000000.5,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,Normal\n"),
        (system.read_ntpq, NTPQ.replace("sync_ntp", "sync_local").replace("192.0.2.1", "LOCAL(0)")),
        (system.read_ntpq, NTPQ.replace("192.0.2.1", "127.127.1.0")),
        (
            system.read_w32tm,
            W32TM.replace("0xC0000201 (source IP:  192.0.2.1)", '0x4C4F434C (source name:  "LOCL")'),
        ),
    ],
)
def test_a_program_that_follows_itself_keeps_nothing(read, text):
    said = read(text)
    assert (said.synchronised, said.alone, said.offset) == (False, True, None)
    assert "follows only this computer's own clock" in str(said)


def test_the_kernels_flag_does_not_outweigh_a_program_that_follows_itself():
    alone = "7F7F0101,,10,1800000000.5,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,Normal\n"
    outputs = {("timedatectl", "show"): SHOW_ON, ("timedatectl", "show-timesync"): "", ("chronyc", "-c"): alone}
    assert ask_system(**fake(outputs)).alone
    outputs[("timedatectl", "show-timesync")] = TIMESYNC
    assert ask_system(**fake(outputs)).by == "systemd-timesyncd"


def test_since_when_and_how_far_off():
    assert system.read_w32tm(W32TM_DE).since == "15.09.2025 13:12:56"
    said = system.read_chronyc(CHRONYC)
    assert said.since == "2027-01-15 08:00 UTC"
    assert said.offset == pytest.approx(0.000123)
    assert system.read_ntpq(NTPQ).offset == pytest.approx(0.00125)


def fake(outputs):
    def run(argv):
        text = outputs[argv[0], argv[1]]
        if isinstance(text, Exception):
            raise text
        return text

    programs = {name for name, _ in outputs}
    return {"run": run, "which": lambda name: name if name in programs else None}


def test_the_program_that_keeps_the_clock_is_believed():
    outputs = {("timedatectl", "show"): SHOW_OFF, ("timedatectl", "show-timesync"): "", ("chronyc", "-c"): CHRONYC}
    assert ask_system(**fake(outputs)).by == "chrony"


def test_if_none_keeps_it_that_is_said():
    outputs = {
        ("timedatectl", "show"): SHOW_OFF,
        ("timedatectl", "show-timesync"): "",
        ("chronyc", "-c"): CHRONYC_OFF,
    }
    said = ask_system(**fake(outputs))
    assert said.synchronised is False
    assert "not kept" in str(said)


@pytest.mark.parametrize("trouble", [OSError(), subprocess.TimeoutExpired("chronyc", 1), "nonsense"])
def test_a_program_that_fails_says_nothing(trouble):
    assert ask_system(**fake({("chronyc", "-c"): trouble})) == SystemClock()
    assert ask_system(which=lambda name: None) == SystemClock()


def test_the_real_machine_answers_something():
    assert ask_system().synchronised in (True, False, None)
    assert machine.kind() in words.REMEDY


@pytest.mark.parametrize(
    ("platform", "environ", "files", "programs", "kind"),
    [
        ("win32", {}, {}, (), "windows"),
        ("darwin", {}, {}, (), "macos"),
        ("freebsd14", {}, {}, (), "other"),
        ("linux", {"COLAB_RELEASE_TAG": "r1"}, {}, (), "colab"),
        ("linux", {"BINDER_SERVICE_HOST": "h", "JUPYTERHUB_API_URL": "u"}, {}, (), "binder"),
        ("linux", {"JUPYTERHUB_API_URL": "u"}, {}, (), "hub"),
        ("linux", {}, {"/proc/sys/kernel/osrelease": "5.15.90.1-microsoft-standard-WSL2"}, (), "wsl"),
        ("linux", {"container": "podman"}, {}, (), "container"),
        ("linux", {}, {"/proc/1/cgroup": "0::/docker/abc"}, (), "container"),
    ],
)
def test_the_kind_of_machine(platform, environ, files, programs, kind):
    found = machine.kind(
        platform=platform, environ=environ, read=lambda p: files.get(p, ""), which=lambda n: n in programs
    )
    assert found == kind
    assert remedy(found)


@pytest.mark.parametrize(
    ("programs", "product", "kind"),
    [
        (("chronyc", "timedatectl"), "", "chrony"),
        (("ntpq",), "", "ntpd"),
        (("timedatectl",), "VirtualBox", "vm"),
        (("timedatectl",), "ThinkPad", "timesyncd"),
        ((), "", "linux"),
    ],
)
def test_who_keeps_a_linux_clock(monkeypatch, programs, product, kind):
    monkeypatch.setattr(machine, "_contained", lambda environ, read: False)
    files = {"/sys/class/dmi/id/product_name": product}
    found = machine.kind(
        platform="linux", environ={}, read=lambda p: files.get(p, ""), which=lambda n: n if n in programs else None
    )
    assert found == kind


def test_the_time_asleep_is_part_of_the_time_up():
    asleep = machine.suspended()
    assert asleep is None or 0 <= asleep <= machine.uptime()


def test_every_kind_has_a_remedy_and_a_key_unknown_gets_one():
    assert all(words.REMEDY.values())
    assert remedy("a toaster") == words.REMEDY["other"]


def test_a_program_that_lies_in_the_current_folder_is_not_run(tmp_path, monkeypatch) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "chronyc").write_text("#!/bin/sh\ntouch ran\n")
    (folder / "chronyc").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    assert installed("chronyc")
    monkeypatch.chdir(folder)
    assert installed("chronyc") is None
    ask_system()
    assert not (folder / "ran").exists()
