"""A generated file as it should be, and how the checkout differs from it."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Output:
    """`folder`: everything else below it is stale and goes."""

    files: dict[Path, bytes]
    folder: Path | None = None

    def stale(self) -> list[Path]:
        if self.folder is None or not self.folder.is_dir():
            return []
        return [path for path in sorted(self.folder.rglob("*")) if path.is_file() and path not in self.files]

    def differences(self) -> list[str]:
        """One line for each file that is missing, out of date, or should not be there."""
        if self.folder is not None and not self.folder.is_dir():
            return [f"missing      {self.folder}/"]
        lines = []
        for path, content in self.files.items():
            if not path.is_file():
                lines.append(f"missing      {path}")
            elif path.read_bytes() != content:
                lines.append(f"out of date  {path}")
        return lines + [f"not wanted   {path}" for path in self.stale() if not is_by_product(path)]

    def write(self) -> None:
        for path in self.stale():
            path.unlink()
        for path, content in self.files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.is_file() or path.read_bytes() != content:
                path.write_bytes(content)
        if self.folder is not None:
            for folder in sorted(self.folder.rglob("*"), reverse=True):
                if folder.is_dir() and not any(folder.iterdir()):
                    folder.rmdir()


def is_by_product(path: Path) -> bool:
    """What Python and its tools leave beside sources; git ignores it, and so do we."""
    return path.suffix == ".pyc" or any(part == "__pycache__" or part.startswith(".") for part in path.parts[-3:])
