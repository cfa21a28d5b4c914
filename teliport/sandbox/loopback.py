"""This machine and no other: who may use the switches, and who is told by webhook."""

from ipaddress import ip_address
from urllib.parse import urlsplit


class NotLoopback(ValueError):
    """Another machine was named. The sandbox lets anybody do anything: it never leaves this one."""


def is_loopback(host: str) -> bool:
    """Whether this host can be reached from this machine only."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_loopback_url(url: str) -> bool:
    """Whether this is an http URL of this machine."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    return parts.scheme == "http" and host is not None and is_loopback(host)
