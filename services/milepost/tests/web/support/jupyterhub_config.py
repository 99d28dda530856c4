"""A Hub for the tests: its rights are the platform's, its sign-in takes any of a few names."""

import json
import os

site = json.loads(os.environ["MILEPOST_TEST_SITE"])
teach = [f"custom:milepost:teach:{course}" for course in site["courses"]]
learn = "custom:milepost:learn"
access = "access:services!service=milepost"
service = f"http://127.0.0.1:{site['service_port']}"

c = get_config()  # noqa: F821
c.JupyterHub.bind_url = f"http://127.0.0.1:{site['port']}"
c.JupyterHub.hub_port = site["hub_port"]
c.JupyterHub.db_url = f"sqlite:///{site['folder']}/hub.sqlite"
c.JupyterHub.cookie_secret_file = f"{site['folder']}/cookie-secret"
c.JupyterHub.log_level = "WARN"
c.JupyterHub.default_url = "/services/milepost/"
c.ConfigurableHTTPProxy.command = site["proxy"]
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{site['proxy_port']}"
c.ConfigurableHTTPProxy.pid_file = f"{site['folder']}/proxy.pid"
c.Proxy.extra_routes = {"/api/v1/": service}
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = site["password"]
c.Authenticator.allowed_users = set(site["users"])
c.Authenticator.admin_users = {"root"}
c.JupyterHub.spawner_class = "simple"
c.JupyterHub.load_groups = {
    f"formgrade-{course}": {"users": [name]} for course, name in site["courses"].items()
}
c.JupyterHub.custom_scopes = {
    scope: {"description": f"Milepost's {scope}"} for scope in [learn, *teach]
}
c.JupyterHub.load_roles = [
    {"name": "user", "scopes": ["self", access, learn]},
    {"name": "server", "scopes": ["users:activity!user", access, learn, *teach]},
    {"name": "milepost-admin", "scopes": [access, learn, *teach], "users": ["root"]},
    *(
        {
            "name": f"instructor-{course}",
            "scopes": [f"custom:milepost:teach:{course}"],
            "groups": [f"formgrade-{course}"],
        }
        for course in site["courses"]
    ),
    {"name": "tokens", "scopes": ["admin:users", "tokens", learn, *teach], "services": ["tests"]},
]
c.JupyterHub.services = [
    {"name": "tests", "api_token": site["tests_token"]},
    {
        "name": "milepost",
        "url": service,
        "api_token": site["service_token"],
        "oauth_no_confirm": True,
        "oauth_client_allowed_scopes": [learn, *teach],
    },
]
