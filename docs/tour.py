"""The helper of the tour in README.md: asks the API that `make run` started, and prints the answer.

python3 docs/tour.py ask WHO DOCUMENT [name=value …]   WHO is customerA, customerB or staff
python3 docs/tour.py send WHO DOCUMENT FILE [name=…]  the same with a file, as variable `file`
python3 docs/tour.py pick PATH                         a value of the last answer: viewer.name
python3 docs/tour.py dev PATH                          a value of dev.json: tokens.customerA
python3 docs/tour.py find PATH                         a value of the JSON on standard input

Standard library only, and any Python 3, because it runs outside the virtual environment.
"""

import json
import os
import sys
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

DATA_DIR = Path(os.environ.get("DATA_DIR", ".data"))
LAST = Path(tempfile.gettempdir()) / f"warp-tour-{os.getuid()}.json"
WIDTH = 96


def running():
    """What `make run` wrote down about itself."""
    try:
        return json.loads((DATA_DIR / "dev.json").read_text())
    except FileNotFoundError:
        sys.exit("Nothing is running here yet: start `make run` in another terminal and wait.")


def ask(who, document, *given):
    """Send a document as somebody; variables are text. Keeps the answer for `pick`."""
    variables = dict(pair.split("=", 1) for pair in given)
    body = json.dumps({"query": document, "variables": variables}).encode()
    return post(who, body, {"Content-Type": "application/json"})


def send(who, document, file, *given):
    """Send a document with a file, by the GraphQL multipart request specification."""
    variables = {"file": None, **dict(pair.split("=", 1) for pair in given)}
    edge = "tour-" + os.urandom(12).hex()
    texts = {
        "operations": json.dumps({"query": document, "variables": variables}),
        "map": json.dumps({"0": ["variables.file"]}),
    }
    name = Path(file).name
    parts = [f'name="{field}"\r\n\r\n{text}'.encode() for field, text in texts.items()]
    parts.append(f'name="0"; filename="{name}"\r\n\r\n'.encode() + Path(file).read_bytes())
    opening = f"--{edge}\r\nContent-Disposition: form-data; ".encode()
    body = b"".join(opening + part + b"\r\n" for part in parts) + f"--{edge}--\r\n".encode()
    # X-CSRF: a form of a foreign web page could not send it.
    kind = {"Content-Type": f"multipart/form-data; boundary={edge}", "X-CSRF": "1"}
    return post(who, body, kind)


def post(who, body, headers):
    """Send a body as somebody; the answer for reading."""
    local = running()
    request = urllib.request.Request(  # noqa: S310  the address is the one make run wrote
        local["graphqlUrl"],
        body,
        {"Authorization": f"Bearer {local['tokens'][who]}", **headers},
    )
    try:
        with urllib.request.urlopen(request) as response:  # noqa: S310  as above
            text = response.read()
    except urllib.error.HTTPError as refused:
        text = refused.read()
    LAST.write_bytes(text)
    answer = json.loads(text)
    answer.pop("extensions", None)
    return shown(answer)


def pick(path):
    """One value of the last answer."""
    return at(path, json.loads(LAST.read_text())["data"])


def dev(path):
    """One value of dev.json."""
    return at(path, running())


def find(path):
    """One value of what another program printed."""
    return at(path, json.load(sys.stdin))


def at(path, value):
    """A value by names and positions between dots: customers.0.name."""
    try:
        for key in path.split("."):
            value = value[int(key) if key.isdigit() else key]
    except (LookupError, TypeError):
        sys.exit(f"There is no {path} in the last answer: look at it, and repeat the step before.")
    return str(value)


def shown(value, pad="\n"):
    """JSON for reading: what fits on a line stays on one."""
    line = json.dumps(value, ensure_ascii=False)
    if len(line) + len(pad) <= WIDTH or not isinstance(value, (dict, list)):
        return line
    inner = pad + "  "
    if isinstance(value, list):
        return "[" + inner + ("," + inner).join(shown(each, inner) for each in value) + pad + "]"
    pairs = (json.dumps(key) + ": " + shown(each, inner) for key, each in value.items())
    return "{" + inner + ("," + inner).join(pairs) + pad + "}"


if __name__ == "__main__":
    does = {"ask": ask, "send": send, "pick": pick, "dev": dev, "find": find}.get(
        sys.argv[1] if len(sys.argv) > 2 else ""
    )
    if does is None:
        sys.exit(__doc__)
    sys.stdout.write(does(*sys.argv[2:]) + "\n")
