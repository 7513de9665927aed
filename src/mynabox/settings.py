"""What a box can be told from outside: by the environment or the command line."""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Settings of one box; every one can be given as ``MYNABOX_<NAME>``."""

    model_config = SettingsConfigDict(env_prefix="MYNABOX_", extra="ignore")

    home: Path = Field(
        default=Path("box"), description="folder that holds everything of one box"
    )
    host: str = Field(default="127.0.0.1", description="address to serve on")
    port: int = Field(default=8780, ge=0, le=65535, description="port to serve on")
    ocsp_port: int = Field(
        default=8781, ge=0, le=65535, description="port of the OCSP process"
    )
    database: str | None = Field(
        default=None, description="database URL instead of the box's SQLite file"
    )
    readers: int = Field(
        default=1, ge=1, le=16, description="number of virtual card readers"
    )
    reader_access: Literal["owner", "everyone"] = Field(
        default="owner", description="who on this machine may use the card reader"
    )
    trace: bool = Field(
        default=False,
        description="a served box writes what is said in its readers to trace.apdu, "
        "secrets masked",
    )
    with_uri: bool = Field(
        default=False, description="put HTTP pointers to CRL and OCSP in certificates"
    )
    production_shape: bool = Field(
        default=False,
        description="write the genuine policy OIDs into certificates (names that "
        "cannot pass for genuine stay); for a box made in this shape",
    )
    next_card: bool = Field(
        default=False,
        description="try the announced next card out: P-384 authorities, ten-year "
        "certificates; not in force",
    )
    status_mode: Literal["prompt", "immediate", "grid"] = Field(
        default="prompt",
        description="OCSP answers bear the times of the genuine service's quarters of "
        "an hour and tell a stop at once (prompt), bear the second they are given "
        "(immediate), or know only what had happened by the last quarter, as the "
        "genuine service (grid)",
    )

    authority: Literal["open", "required"] = Field(
        default="open",
        description="whether whoever reaches a served box may do everything, or must "
        "sign in and have the right role",
    )

    answer_hours: int = Field(
        default=24,
        ge=1,
        le=8760,
        description="how long the answer to a request with an idempotency key is kept "
        "for whoever repeats it, on the box's clock",
    )

    passphrase: SecretStr | None = Field(
        default=None,
        description="opens the keys of the box; a box made with one keeps no key file",
    )
    hsm_library: Path | None = Field(
        default=None,
        description="PKCS#11 module of the token that holds the authorities' keys "
        "(needs the extra 'hsm'); none keeps them in sealed files",
    )
    hsm_token: str = Field(default="mynabox", description="label of that token")
    hsm_pin: SecretStr | None = Field(default=None, description="PIN of that token")
    key_pool_low: int = Field(
        default=0,
        ge=0,
        le=1_000_000,
        description="a served box begins to make chip keys ahead below this many",
    )
    key_pool_high: int = Field(
        default=0,
        ge=0,
        le=1_000_000,
        description="and stops at this many; 0 makes each key when a chip needs it",
    )

    @model_validator(mode="after")
    def _marks_in_order(self) -> Self:
        if self.key_pool_low > self.key_pool_high:
            raise ValueError("key_pool_low lies above key_pool_high")
        return self

    @property
    def address(self) -> str:
        """Base URL under which the box says it is reached."""
        return f"http://{self.host}:{self.port}"
