"""Where training computes: one CPU, one GPU, or several GPUs under torchrun.

On a GPU matrices are computed in bfloat16 (autocast) with float32 weights; several processes average their gradients (DDP's
all-reduce, done by hand because the loss calls parts of the model one by one). Not covered: the loop (`training.loop`).
"""

from __future__ import annotations

import os
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import TypeVar

import torch
from torch import Tensor, nn

from gdt2usd.diagnostics import GdtError, Place, error

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Device:
    """`kind` "cpu" or "cuda"; `rank` of `world` processes, one device each."""

    kind: str
    rank: int = 0
    world: int = 1

    @property
    def torch(self) -> torch.device:
        return torch.device(self.kind, self.rank_here) if self.kind == "cuda" else torch.device("cpu")

    @property
    def rank_here(self) -> int:
        """The number of this process on its machine."""
        return int(os.environ.get("LOCAL_RANK", self.rank))

    @property
    def leads(self) -> bool:
        """Whether this process writes files."""
        return self.rank == 0


def open_device(wanted: str = "auto") -> Device:
    """The device to train on: "auto", "cpu" or "cuda". Joins torchrun's process group when there is one.

    Raises:
        GdtError: TR101, a GPU was asked for and there is none.
    """
    there = torch.cuda.is_available()
    if wanted == "cuda" and not there:
        raise GdtError([error("TR101", "there is no CUDA device", Place("--device"), "train with --device cpu")])
    kind = "cuda" if there and wanted != "cpu" else "cpu"
    world = int(os.environ.get("WORLD_SIZE", "1"))
    device = Device(kind, int(os.environ.get("RANK", "0")), world)
    if kind == "cuda":
        torch.cuda.set_device(device.torch)
        torch.backends.cuda.matmul.allow_tf32 = True
    if world > 1 and not torch.distributed.is_initialized():
        torch.distributed.init_process_group("nccl" if kind == "cuda" else "gloo")
    return device


def moved(value: T, device: Device) -> T:
    """A record of tensors on the device; from pinned memory the copy does not wait. On a CPU the record itself."""
    if device.kind == "cpu" or not is_dataclass(value) or isinstance(value, type):
        return value
    there = {}
    for row in fields(value):
        item = getattr(value, row.name)
        if isinstance(item, Tensor):
            there[row.name] = item.to(device.torch, non_blocking=True)
    return replace(value, **there)


def same_weights(model: nn.Module, device: Device) -> None:
    """Give every process the weights of the first."""
    if device.world > 1:
        for tensor in model.state_dict().values():
            torch.distributed.broadcast(tensor, 0)


def average_gradients(model: nn.Module, device: Device) -> None:
    """Average the gradients over the processes, in one flat all-reduce; a parameter without a gradient counts as zero."""
    if device.world == 1:
        return
    parameters = [p for p in model.parameters() if p.requires_grad]
    flat = torch.cat([(p.grad if p.grad is not None else torch.zeros_like(p)).flatten() for p in parameters])
    torch.distributed.all_reduce(flat)
    flat /= device.world
    at = 0
    for parameter in parameters:
        n = parameter.numel()
        parameter.grad = flat[at : at + n].view_as(parameter).clone()
        at += n


def agreed(stop: bool, device: Device) -> bool:
    """Whether any process wants to stop: all leave the loop at the same step, or the last would wait for ever."""
    if device.world == 1:
        return stop
    flag = torch.tensor([float(stop)], device=device.torch)
    torch.distributed.all_reduce(flag)
    return bool(flag.item() > 0)
