"""What a connection to Amazon Marketing Cloud is made of: one Login with Amazon login in one region."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, SecretStr


class Region(StrEnum):
    """The three regions of the Amazon Ads API."""

    NA = "na"
    EU = "eu"
    FE = "fe"


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where a region's API and its tokens are."""

    base_url: str
    token_url: str


# Amazon Ads API, "API endpoints" and "Access tokens".
ENDPOINTS = {
    Region.NA: Endpoints("https://advertising-api.amazon.com", "https://api.amazon.com/auth/o2/token"),
    Region.EU: Endpoints("https://advertising-api-eu.amazon.com", "https://api.amazon.co.uk/auth/o2/token"),
    Region.FE: Endpoints("https://advertising-api-fe.amazon.com", "https://api.amazon.co.jp/auth/o2/token"),
}


class AmcConfig(BaseModel):
    """What may be shown of a connection."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    region: Region = Field(default=Region.NA, description="Region of the Amazon Ads API.")
    client_id: str = Field(min_length=1, description="Login with Amazon client id.")
    base_url: HttpUrl | None = Field(
        default=None,
        description="Another API host, such as the simulator's. Its token address follows from it.",
    )
    token_url: HttpUrl | None = Field(default=None, description="Another token address than the region's.")

    @property
    def endpoints(self) -> Endpoints:
        """The addresses in force; a base URL takes its token path along: one setting switches hosts."""
        if self.base_url is None:
            base_url, token_url = ENDPOINTS[self.region].base_url, ENDPOINTS[self.region].token_url
        else:
            base_url = str(self.base_url).rstrip("/")
            token_url = f"{base_url}/auth/o2/token"
        return Endpoints(base_url, str(self.token_url) if self.token_url else token_url)


class AmcSecrets(BaseModel):
    """What is sealed at rest; its text never appears in a repr."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    client_secret: SecretStr
    refresh_token: SecretStr
