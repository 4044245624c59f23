"""Runs scim2-tester against one directory, and prints each check as a line of JSON: python FILE BASE_URL TOKEN."""

import json
import sys

from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import check_server

base_url, token = sys.argv[1:]
client = Client(base_url=base_url, headers={"Authorization": f"Bearer {token}"}, timeout=30)
for result in check_server(SyncSCIMClient(client)):
    check = {
        "status": result.status.name,
        "name": " ".join(filter(None, [result.resource_type, result.title])),
        "reason": result.reason or "",
    }
    print(json.dumps(check))
