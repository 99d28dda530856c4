"""What every deployment of the Hub has in common."""

from traitlets.config import Config

from milepost_hub import logs, roles, services
from milepost_hub.courses import course_slugs
from milepost_hub.headers import PAGE_HEADERS
from milepost_hub.node import find_node
from milepost_hub.settings import REPO, Settings

SERVER_SECONDS = 60


def configure(c: Config, settings: Settings) -> None:
    """Fill in everything that does not depend on where learners' servers run."""
    courses = course_slugs(settings.courses)
    _hub(c, settings)
    _proxy(c, settings)
    _pages(c)
    _sign_in(c, settings, courses)
    _servers(c, courses)
    c.JupyterHub.custom_scopes = roles.custom_scopes(courses)
    c.JupyterHub.load_roles = roles.roles(settings, courses)
    c.JupyterHub.load_groups = {
        group: {}
        for slug in courses
        for group in (roles.learners_of(slug), roles.instructors_of(slug))
    }


def _hub(c: Config, settings: Settings) -> None:
    state = settings.home / "hub"
    c.JupyterHub.bind_url = f"http://{settings.ip}:{settings.port}"
    c.JupyterHub.hub_port = settings.hub_port
    c.JupyterHub.db_url = f"sqlite:///{state / 'jupyterhub.sqlite'}"
    c.JupyterHub.upgrade_db = True
    c.JupyterHub.cookie_secret_file = str(state / "cookie-secret")
    c.JupyterHub.authenticate_prometheus = True
    c.JupyterHub.allow_named_servers = False
    # An attempt may still be running in the learner's other browser: the culler tidies up.
    c.JupyterHub.shutdown_on_logout = False
    c.JupyterHub.cleanup_servers = True
    c.JupyterHub.concurrent_spawn_limit = 20
    c.JupyterHub.log_level = "DEBUG" if settings.dev else "INFO"
    logs.keep_session_ids_out()


def _proxy(c: Config, settings: Settings) -> None:
    script = REPO / "node_modules" / "configurable-http-proxy" / "bin" / "configurable-http-proxy"
    command = services.tied_command(settings, "proxy", str(find_node()), str(script))
    c.ConfigurableHTTPProxy.command = command
    c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{settings.proxy_api_port}"
    c.ConfigurableHTTPProxy.pid_file = str(settings.home / "hub" / "proxy.pid")
    c.ConfigurableHTTPProxy.log_level = "warn"


def _pages(c: Config) -> None:
    c.JupyterHub.default_url = services.PREFIX
    c.JupyterHub.template_paths = [str(REPO / "hub" / "templates")]
    c.JupyterHub.template_vars = {
        "dashboard_url": services.PREFIX,
        "book_url": services.BOOK_PREFIX,
    }
    c.JupyterHub.tornado_settings = {
        "headers": PAGE_HEADERS,
        "cookie_options": {"samesite": "Lax"},
    }


def _sign_in(c: Config, settings: Settings, courses: list[str]) -> None:
    c.JupyterHub.authenticator_class = "milepost_hub.authenticator.MilepostAuthenticator"
    c.Authenticator.admin_users = {settings.admin}
    # Whoever has an account here may use it: accounts themselves are what is approved.
    c.Authenticator.allow_all = True
    c.MilepostAuthenticator.open_signup = settings.open_signup
    c.MilepostAuthenticator.instructors = set(settings.instructors)
    c.MilepostAuthenticator.courses = courses
    c.MilepostAuthenticator.admin_password_file = str(settings.admin_password_file)


def _servers(c: Config, courses: list[str]) -> None:
    c.Spawner.default_url = "/lab"
    c.Spawner.env_keep = ["LANG", "LC_ALL"]
    c.Spawner.start_timeout = SERVER_SECONDS
    c.Spawner.http_timeout = SERVER_SECONDS
    c.Spawner.environment = {
        "MILEPOST_COURSE": courses[0] if courses else "",
        # JupyterLab's own telemetry-like look-ups stay off; nothing outside is asked.
        "JUPYTERLAB_SKIP_DEV_BUILD": "1",
    }


def add_services(c: Config, settings: Settings, ip: str) -> None:
    """Have the Hub run its services, and route the API at the site's root to Milepost."""
    scopes = list(roles.custom_scopes(course_slugs(settings.courses)))
    c.JupyterHub.services = [
        services.milepost_service(settings, ip, scopes),
        services.book_service(settings),
        services.idle_culler(settings),
    ]
    target = f"http://{ip}:{settings.service_port}"
    c.Proxy.extra_routes = {"/api/v1/": target}


def api_url(settings: Settings, ip: str) -> str:
    """Return where a learner's server reaches the Milepost API."""
    return f"http://{ip}:{settings.service_port}{services.PREFIX}api/v1"
