"""The gateway as a process of its own, by the settings in the environment: `python -m tests.bench.ours`."""

from gateway.serve import server
from services import telemetry
from services.settings import Settings

if __name__ == "__main__":
    settings = Settings()
    telemetry.set_up(settings.log_format, settings.log_level)
    server(settings).run()
