# SPDX-License-Identifier: Apache-2.0
"""A minimal Django project around django-oauth-toolkit, run as a program: a real AS for the tests.

Nothing of the AS is changed: its URLs, views and models are the package's. Started with a state
directory as its argument; prints one JSON line with the port and a logged-in session's cookie.
"""

import json
import pathlib
import sys

import django
from django.conf import settings
from django.core.management import call_command

SCOPES = {"read": "read", "write": "write"}


def configure(directory: pathlib.Path) -> None:
    settings.configure(
        SECRET_KEY="throw-away",
        DEBUG=False,
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF="project_urls",
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": str(directory / "as.sqlite3"),
                "OPTIONS": {"timeout": 20, "transaction_mode": "IMMEDIATE"},
            }
        },
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "oauth2_provider",
        ],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
        ],
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates",
                    "APP_DIRS": True}],
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        USE_TZ=True,
        SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https"),
        OAUTH2_PROVIDER={"SCOPES": SCOPES},
        LOGGING_CONFIG=None,
    )  # fmt: skip
    django.setup()


def populate(clients: list[dict]) -> str:
    from django.contrib.auth import (
        BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model,
    )  # fmt: skip
    from django.contrib.sessions.backends.db import SessionStore
    from oauth2_provider.models import get_application_model

    call_command("migrate", verbosity=0, interactive=False)
    user = get_user_model().objects.create_user("alice", password="wonderland")
    for client in clients:
        get_application_model().objects.create(
            name=client["client_id"], user=user, skip_authorization=True, **client
        )
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return session.session_key


def serve(session: str) -> None:
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
    from django.core.wsgi import get_wsgi_application

    server = ThreadedWSGIServer(("127.0.0.1", 0), WSGIRequestHandler, allow_reuse_address=False)
    server.set_app(get_wsgi_application())
    print(json.dumps({"port": server.server_port, "session": session}), flush=True)
    server.serve_forever()


def urls() -> None:
    """The project's URL configuration, as a module of its own."""
    import types

    from django.urls import include, path

    module = types.ModuleType("project_urls")
    module.urlpatterns = [path("o/", include("oauth2_provider.urls", namespace="oauth2_provider"))]
    sys.modules["project_urls"] = module


if __name__ == "__main__":
    configure(pathlib.Path(sys.argv[1]))
    urls()
    serve(populate(json.loads(sys.argv[2])))
