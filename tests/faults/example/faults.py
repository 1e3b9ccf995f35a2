"""Drives a Roster with failpoints through two faults from outside, as a suite of
your own would: an answer that is lost, and a crash. Needs Python 3 alone.

    python3 tests/faults/example/faults.py bin/roster-failpoint
"""

import http.client
import json
import re
import signal
import subprocess
import sys
import tempfile
import urllib.error
import urllib.parse
import urllib.request

TOKEN = "greedisgood9999"  # the one a server on loopback without a token file takes
LIMIT = 60  # seconds for each answer, and for an exit
LOST = "store/afterCommit"  # what this failpoint hits is behind the commit


def expect(true, text):
    """As assert, but python3 -O keeps it."""
    if not true:
        sys.exit("not as promised: " + text)


class Server:
    def __init__(self, binary, directory):
        self.process = subprocess.Popen(
            [binary, "serve", "--data-dir", directory, "--http-addr", "127.0.0.1:0",
             "--mysql-addr", "none", "--log-level", "error"],
            stdout=subprocess.PIPE, text=True)
        for line in self.process.stdout:
            if address := re.search(r"listening on (http://\S+)", line):
                self.url = address[1]
                return
        sys.exit(f"{binary} serve said no address")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait(LIMIT)
        self.process.stdout.close()

    def send(self, method, path, body="", request_id=None):
        """The status and the envelope of an answer; OSError or HTTPException without one."""
        headers = {"Authorization": "Bearer " + TOKEN}
        if request_id:
            headers["X-Request-Id"] = request_id
        request = urllib.request.Request(self.url + path, body.encode(), headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=LIMIT) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refused:
            with refused:
                text = refused.read().decode()
            return refused.code, json.loads(text) if text.startswith("{") else {"code": "", "msg": text}

    def must(self, method, path, body="", request_id=None):
        status, answer = self.send(method, path, body, request_id)
        expect(status == 200 and answer["code"] == "OK", f"{method} {path} got {status} {answer}")
        return answer.get("result")

    def want_once(self, name):
        found = self.must("GET", "/MetaService/http/v1/get_instance?instance_id=demo")["clusters"]
        times = [c["cluster_name"] for c in found].count(name)
        expect(times == 1, f"cluster {name} is there {times} times, want once")


ADD = "/MetaService/http/v1/add_cluster"
INJECT = "/MetaService/http/v1/injection_point?"


def cluster(name):
    return json.dumps({"instance_id": "demo", "cluster": {"type": "COMPUTE", "cluster_name": name, "cluster_id": name}})


def lost_answer(server):
    """A change is made, its client is told that nobody knows, and the repeat
    under the same request id changes nothing more."""
    server.must("PUT", "/failpoints/" + LOST, 'return("error")')
    status, answer = server.send("POST", ADD, cluster("reports"), "job-1")
    expect((status, answer["code"]) == (500, "UNDETERMINED"), f"add_cluster got {status} {answer}, want 500 UNDETERMINED")
    print("REST:", status, answer["code"])
    server.must("DELETE", "/failpoints/" + LOST)
    server.must("POST", ADD, cluster("reports"), "job-1")
    server.want_once("reports")


def crash(server):
    """The process ends by SIGKILL behind a commit. The failpoint is switched by
    the route of the existing service here."""
    server.must("POST", INJECT + urllib.parse.urlencode(
        {"op": "set", "name": LOST, "behavior": "change_args", "value": '["crash"]'}))
    try:
        expect(False, f"add_cluster got {server.send('POST', ADD, cluster('nightly'), 'job-2')}, want the connection to end")
    except (OSError, http.client.HTTPException) as ended:
        print("crash:", repr(ended))
    code = server.process.wait(LIMIT)
    expect(code == -signal.SIGKILL, f"the server ended with {code}, want SIGKILL")


def after_crash(server):
    """Another process on the same directory has the change, and knows its id."""
    server.want_once("nightly")
    server.must("POST", ADD, cluster("nightly"), "job-2")
    server.want_once("nightly")


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: faults.py PATH-OF-ROSTER-FAILPOINT")
    with tempfile.TemporaryDirectory() as directory:
        with Server(sys.argv[1], directory) as server:
            server.must("POST", "/MetaService/http/v1/create_instance", json.dumps({
                "instance_id": "demo", "user_id": "me", "obj_info": {
                    "ak": "ak", "sk": "sk", "bucket": "b", "endpoint": "s3.example.com", "region": "r", "provider": "S3"}}))
            lost_answer(server)
            crash(server)
        with Server(sys.argv[1], directory) as server:
            after_crash(server)
    print("all as promised")


if __name__ == "__main__":
    main()
