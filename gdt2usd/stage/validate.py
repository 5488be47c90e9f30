"""Is a stage, an asset or a package sound? OpenUSD's own validators always, NVIDIA's when installed, as diagnostics.

A stage folder is checked asset by asset, each alone, and then as a whole; so geometry inside instances is looked at once and
not once per instance. NVIDIA's validator runs as a separate program (it may live in an environment of its own: set
`GDT2USD_NVIDIA_VALIDATOR` to its path). Not covered: whether the stage shows the right factory.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from gdt2usd.diagnostics import Diagnostic, Place, Severity, error, warning

PROGRAM = "nvidia_usd_validate"
PROGRAM_VARIABLE = "GDT2USD_NVIDIA_VALIDATOR"
SUFFIXES = (".usd", ".usda", ".usdc", ".usdz")
_ROOTS = ("factory.usda", "factory.usdc", "factory.usd")
# beyond NVIDIA's default rules: Z up, metres, anchored paths, known file types, one root that can be moved
REQUIREMENTS = tuple(f"com.nvidia.usd.{code}" for code in ("UN.006", "UN.007", "AA.001", "AA.002", "HI.001", "HI.003"))
# naming any requirement turns the default rules off, naming their categories turns them on again
CATEGORIES = ("Basic", "Geometry", "Layer", "Layout", "Material", "Other", "Physics")
_TIMEOUT_S = 1800.0
_MOST = 100
_MATERIALX = "ND_"  # how the names of MaterialX node definitions begin


def validate_path(path: Path, *, nvidia: bool | None = None) -> tuple[Diagnostic, ...]:
    """Findings for a stage folder or a `.usd`, `.usda`, `.usdc`, `.usdz` file; empty if there are none.

    `nvidia`: True demands NVIDIA's validator (ST404 if it is missing), False leaves it out, None uses it if it is there.
    """
    root = root_of(path)
    if root is None:
        hint = f"give a folder with {_ROOTS[0]} in it, or a file ending in {', '.join(SUFFIXES)}"
        return (error("ST401", "there is no stage here" if path.exists() else "there is no such file", Place(str(path)), hint),)
    program = find_program() if nvidia in (None, True) else None
    findings: list[Diagnostic] = []
    if nvidia and program is None:
        findings.append(error("ST404", "NVIDIA's validator is not installed", hint="pip install 'gdt2usd[validate]'"))
    for part in [*_parts(root), root]:
        place = part.name if part is root else part.relative_to(root.parent).as_posix()
        findings += _openusd(part, place)
        if program is not None:
            findings += nvidia_findings(program, part, place, instances=part is not root)
    return tuple(findings)


def root_of(path: Path) -> Path | None:
    """The root layer of a stage folder, or the file itself if it is of a USD type."""
    if path.is_dir():
        return next((path / name for name in _ROOTS if (path / name).is_file()), None)
    return path if path.is_file() and path.suffix.lower() in SUFFIXES else None


def _parts(root: Path) -> list[Path]:
    """The interface layers of the assets beside a root layer: `assets/*/X/X.usda`."""
    if root.suffix == ".usdz":
        return []
    return sorted(p for p in (root.parent / "assets").glob("*/*/*.usda") if p.stem == p.parent.name)


# ---- OpenUSD's validators ----


def _openusd(path: Path, place: str) -> list[Diagnostic]:
    from pxr import Tf, Usd, UsdValidation

    try:
        stage = Usd.Stage.Open(str(path))
    except Tf.ErrorException as problem:
        return [error("ST402", f"USD cannot open it: {_one_line(problem)}", Place(place))]
    registry = UsdValidation.ValidationRegistry()
    context = UsdValidation.ValidationContext(registry.GetOrLoadAllValidators())
    known = _knows_materialx()
    found = [_openusd_finding(e, place) for e in context.Validate(stage) if known or not _is_materialx(e.GetMessage())]
    found += _unresolved(stage, place)
    return _capped(found, place)


def _knows_materialx() -> bool:
    """Whether this OpenUSD has its MaterialX plug-in: without, it takes every MaterialX shader for an unknown one."""
    from pxr import Sdr

    return "mtlx" in Sdr.Registry().GetAllShaderNodeSourceTypes()


def _is_materialx(message: str) -> bool:
    """Whether a finding is only that a MaterialX node (`ND_...`) is in no registry."""
    return _MATERIALX in message and "sdrregistry" in message.lower()


def _unresolved(stage: Any, place: str) -> list[Diagnostic]:
    """Layers that composition could not find or read."""
    return [error("ST403", f"composition: {str(e).splitlines()[0]}", Place(place)) for e in stage.GetCompositionErrors()]


def _openusd_finding(problem: Any, place: str) -> Diagnostic:
    from pxr import UsdValidation

    kinds = {UsdValidation.ValidationErrorType.Error: Severity.ERROR, UsdValidation.ValidationErrorType.Warn: Severity.WARNING}
    where = ", ".join(_site(site) for site in problem.GetSites()[:3])
    rule = str(problem.GetIdentifier()).replace(":", ".", 1)
    severity = kinds.get(problem.GetType(), Severity.INFO)
    return Diagnostic("ST403", severity, f"{_one_line(problem.GetMessage())} ({rule})", Place(f"{place}{where}"))


def _site(site: Any) -> str:
    if site.IsPrim():
        return str(site.GetPrim().GetPath())
    if site.IsProperty():
        return str(site.GetProperty().GetPath())
    return ""


def _one_line(text: object) -> str:
    return " ".join(str(text).split())[:400]


def _capped(findings: list[Diagnostic], place: str) -> list[Diagnostic]:
    if len(findings) <= _MOST:
        return findings
    rest = findings[_MOST:]
    worst = Severity.ERROR if any(f.severity is Severity.ERROR for f in rest) else Severity.WARNING
    return [*findings[:_MOST], Diagnostic("ST403", worst, f"{len(rest)} more findings of the same kind", Place(place))]


# ---- NVIDIA's validator ----


def find_program() -> Path | None:
    """NVIDIA's validator: the one that the environment variable names, that of this environment, or the first on the path."""
    named = os.environ.get(PROGRAM_VARIABLE)
    if named:
        return Path(named) if Path(named).is_file() else None
    beside = Path(sys.executable).parent / PROGRAM
    if beside.is_file():
        return beside
    found = shutil.which(PROGRAM)
    return Path(found) if found else None


def nvidia_findings(program: Path, path: Path, place: str, *, instances: bool) -> list[Diagnostic]:
    """The findings of NVIDIA's default rules and of `REQUIREMENTS` for a file, or for every USD file below a folder.

    `instances`: look inside instances' prototypes too. ST405 if the program did not run or gave no report.
    """
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [str(program), "--json-output", str(report)]
        command.append("--instance-prototypes" if instances else "--no-instance-prototypes")
        command += [word for name in CATEGORIES for word in ("--category", name)]
        command += [word for code in REQUIREMENTS for word in ("--requirement", code)]
        try:
            done = subprocess.run(
                [*command, str(path)], capture_output=True, text=True, timeout=_TIMEOUT_S, check=False, env=_environment()
            )
        except (OSError, subprocess.TimeoutExpired) as problem:
            return [error("ST405", f"NVIDIA's validator did not run: {_one_line(problem)}", Place(place))]
        try:
            results = json.loads(report.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return [error("ST405", f"NVIDIA's validator gave no report: {_one_line(done.stderr)[-300:]}", Place(place))]
    return _capped([_nvidia_finding(issue, place) for issue in _issues(results)], place)


def _environment() -> dict[str, str]:
    """Ours without the variables that would lead another Python to this one's packages."""
    return {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME", "PXR_PLUGINPATH_NAME")}


def _issues(results: Any) -> Iterable[dict[str, Any]]:
    rules = results.get("rules", []) if isinstance(results, dict) else []
    for rule in rules:
        yield from (issue for issue in rule.get("issues", []) if isinstance(issue, dict))


def _nvidia_finding(issue: dict[str, Any], place: str) -> Diagnostic:
    severity = {"WARNING": Severity.WARNING, "INFO": Severity.INFO}.get(str(issue.get("severity")), Severity.ERROR)
    at = issue.get("at") or {}
    where = str(at.get("path", "")) + (f".{at['name']}" if at.get("type") == "PROPERTY" and at.get("name") else "")
    rule = (issue.get("rule") or {}).get("name", "")
    hint = _one_line(issue.get("suggestion") or "") if isinstance(issue.get("suggestion"), str) else ""
    return Diagnostic("ST406", severity, f"{_one_line(issue.get('message', ''))} ({rule})", Place(f"{place}{where}"), hint)


def nothing_checked_by_nvidia() -> Diagnostic:
    """The remark that only OpenUSD's validators ran."""
    return warning("ST404", "NVIDIA's validator is not installed: only OpenUSD's ran", hint="pip install 'gdt2usd[validate]'")
