"""Sealed files in a bucket of any S3-compatible store. Imported only when the settings say so."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from uuid import UUID

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from casemgr.files.store import FileMissing, FileStoreDown

PART_BYTES = 5 * 1024 * 1024  # the protocol's least size of a part that is not the last
_GONE = frozenset({"404", "NoSuchKey", "NotFound"})
_PATIENCE = Config(
    connect_timeout=5, read_timeout=30, retries={"total_max_attempts": 3, "mode": "standard"}
)


class S3Store:
    """Keys fan out as folders do; the credentials come from the usual AWS variables or files."""

    def __init__(self, bucket: str, endpoint: str | None, region: str | None) -> None:
        self._bucket = bucket
        self._s3: Any = boto3.client(
            "s3", endpoint_url=endpoint, region_name=region, config=_PATIENCE
        )

    def __repr__(self) -> str:
        return "S3Store()"

    def writer(self, name: UUID) -> "S3Writer":
        """Begin a multipart upload. Raises FileStoreDown."""
        with _answering():
            return S3Writer(self._s3, self._place(name))

    def read_at(self, name: UUID, offset: int, length: int) -> bytes:
        """Part of a file. Raises FileMissing, FileStoreDown."""
        if length <= 0:
            return b""
        asked = f"bytes={offset}-{offset + length - 1}"
        try:
            with _answering():
                found = self._s3.get_object(**self._place(name), Range=asked)
                return bytes(found["Body"].read())
        except _BeyondEnd:
            return b""

    def size(self, name: UUID) -> int:
        """How many sealed bytes it has. Raises FileMissing, FileStoreDown."""
        with _answering():
            return int(self._s3.head_object(**self._place(name))["ContentLength"])

    def delete(self, name: UUID) -> None:
        """Remove the object and every upload that was begun under its name. Repeatable.

        In a bucket that keeps versions the store's own rules must remove the older ones.
        """
        place = self._place(name)
        with _answering():
            begun = self._s3.list_multipart_uploads(Bucket=self._bucket, Prefix=place["Key"])
            for upload in begun.get("Uploads", ()):
                self._s3.abort_multipart_upload(**place, UploadId=upload["UploadId"])
            self._s3.delete_object(**place)

    def names(self) -> Iterator[UUID]:
        """Every file that was finished."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket)
        with _answering():
            for page in pages:
                yield from (UUID(item["Key"][3:]) for item in page.get("Contents", ()))

    def _place(self, name: UUID) -> dict[str, str]:
        return {"Bucket": self._bucket, "Key": f"{name.hex[-2:]}/{name}"}


class S3Writer:
    """A multipart upload: holds one part at most."""

    def __init__(self, s3: Any, place: dict[str, str]) -> None:
        self._s3, self._held, self._parts = s3, bytearray(), list[dict[str, object]]()
        upload_id = s3.create_multipart_upload(**place, ContentType="application/octet-stream")[
            "UploadId"
        ]
        self._upload: dict[str, str] = {**place, "UploadId": upload_id}

    def write(self, part: bytes) -> None:
        """Add sealed bytes. Raises FileStoreDown."""
        self._held += part
        if len(self._held) >= PART_BYTES:
            self._send()

    def finish(self) -> None:
        """Send the rest and make it an object. Raises FileStoreDown."""
        if self._held or not self._parts:
            self._send()
        with _answering():
            self._s3.complete_multipart_upload(
                **self._upload, MultipartUpload={"Parts": self._parts}
            )

    def abort(self) -> None:
        """Leave nothing of it, as far as the store answers."""
        with suppress(FileStoreDown, FileMissing), _answering():
            self._s3.abort_multipart_upload(**self._upload)

    def _send(self) -> None:
        number = len(self._parts) + 1
        with _answering():
            sent = self._s3.upload_part(**self._upload, PartNumber=number, Body=bytes(self._held))
        self._parts.append({"PartNumber": number, "ETag": sent["ETag"]})
        self._held.clear()


class _BeyondEnd(Exception):
    """A range that begins where the file has ended."""


@contextmanager
def _answering() -> Iterator[None]:
    """Errors of the store in our words; theirs would name bucket and file."""
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code == "InvalidRange":
            raise _BeyondEnd from None
        raise (FileMissing if code in _GONE else FileStoreDown) from None
    except (BotoCoreError, OSError):
        raise FileStoreDown from None
