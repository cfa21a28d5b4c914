"""A sandbox in another process: what tests ask of `Sandbox`, by its control plane."""

from __future__ import annotations

from typing import Any

import httpx

from tests.kit.sandbox import SandboxProcess


class FarSandbox:
    """The part of `tests.kit.sandbox.Sandbox` that the rig and the invariants use."""

    def __init__(self, process: SandboxProcess) -> None:
        self.url = process.url
        self.token = process.token
        self._http = httpx.Client(base_url=process.root, timeout=20, trust_env=False)
        self._control("POST", "/reset", {})

    def _control(self, method: str, path: str, body: object = None) -> Any:
        answer = self._http.request(method, f"/_sandbox{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def fault(self, action: str, path: str, **switch: Any) -> None:
        """Set a fault; see `Sandbox.fault`."""
        self._control("POST", "/faults", {"action": action, "match": {"path": path}, **switch})

    def calls(self) -> list[dict[str, Any]]:
        """The arrivals since the reset."""
        calls: list[dict[str, Any]] = self._control("GET", "/calls?since=0")["calls"]
        return calls

    def state(self, tn: str) -> dict[str, Any]:
        """The number's record."""
        record: dict[str, Any] = self._control("GET", f"/state?tn={tn[-10:]}")
        return record

    def available(self, npa: str, count: int) -> list[str]:
        """Numbers that are free now."""
        query = {"query": f'(npa = "{npa}") and (status = "available")', "page": 0, "size": count}
        answer = self._http.post(
            "/api/v1/inventory/query", json=query, headers={"Authorization": f"Bearer {self.token}"}
        )
        return [record["telephoneNumber"] for record in answer.json()["content"]]

    def ports(self) -> list[dict[str, Any]]:
        """The port projects as they are now, at the carrier, the newest first."""
        found: list[dict[str, Any]] = self._control("GET", "/ports")["ports"]
        return found

    def port(self, project_id: str) -> dict[str, Any]:
        """One project with `rows`, `progress`, `lsrIds` and `next`."""
        found: dict[str, Any] = self._control("GET", f"/ports/{project_id}")
        return found

    def hurry(self, project_id: str, to: str) -> None:
        """All that comes next in a project's life, until this status."""
        self._control("POST", f"/ports/{project_id}/advance", {"to": to})

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._control("POST", "/clock", {"advance": f"PT{round(seconds, 3)}S"})

    def pace(self, rate: float) -> None:
        """So many times as fast do ports go from now on."""
        self._control("POST", "/clock", {"rate": rate})

    def close(self) -> None:
        """Close the connection."""
        self._http.close()
