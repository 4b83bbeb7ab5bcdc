# SPDX-License-Identifier: Apache-2.0
"""A sender of webhooks that counts each one that was not taken. Half of the clients keep their connection.
machine_stream.py <port> <file that ends it>"""
import collections
import http.client
import json
import pathlib
import sys
import threading
import time

port, end = int(sys.argv[1]), pathlib.Path(sys.argv[2])
answers, wrong = [], []


def send(client):
    connection, number, keep = None, 0, client % 2 == 0
    while not end.exists():
        number += 1
        body = json.dumps({"event_type": "assets", "object_type": "assets", "realm": "metadata", "operation": "update",
                           "object_id": f"00000000-0000-0000-{client:04}-{number:012}", "system_domain_id": "s",
                           "user_id": "u", "data": {}})
        began = time.monotonic()
        try:
            connection = connection or http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            connection.request("POST", "/hooks/iconik", body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            answer.read()
            answers.append((answer.status, time.monotonic() - began))
            if answer.status != 202:
                wrong.append(f"{answer.status}")
            if not keep or answer.will_close:
                connection.close()
                connection = None
        except (OSError, http.client.HTTPException) as e:
            wrong.append(repr(e))
            connection = None
        time.sleep(0.2)


clients = [threading.Thread(target=send, args=(i,)) for i in range(4)]
for c in clients:
    c.start()
for c in clients:
    c.join()
for w in wrong:
    print("FAILED:", w)
slowest = max((a[1] for a in answers), default=0.0)
print(f"{dict(collections.Counter(a[0] for a in answers))}, {len(wrong)} lost, the slowest after {slowest:.1f} s")
sys.exit(1 if wrong or not answers else 0)
