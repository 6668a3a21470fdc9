"""`./orchestrate sign-in`: a new one-time link."""

from rich.text import Text

from orchestrate.api_client import ApiClient, find_endpoint
from orchestrate.console import out
from orchestrate.workspace import Workspace


async def print_link(workspace: Workspace) -> int:
    endpoint = find_endpoint(workspace)
    async with ApiClient(endpoint) as client:
        url = endpoint.url.replace("//127.0.0.1:", "//localhost:")
        out.print(Text(url + await client.sign_in_path()))
    return 0
