"""An ONNX graph of convolutions and attention as a torch module whose weights can be trained and written back.

The operators are those of the shipped line recogniser (`models/ocr/recognise.onnx`); another operator is an error that names it.
Not covered: graphs with control flow, and operators in versions after opset 12.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.grad import conv2d_weight

#: Constants of at least this many numbers are weights; smaller ones are shapes, bounds and small factors.
_LEAST_WEIGHT = 8
_LEAST_MATRIX = 256

Node = tuple[str, list[str], list[str], dict[str, Any]]
Constants = dict[str, np.ndarray[Any, Any]]


def _attributes(node: Any) -> dict[str, Any]:
    from onnx import helper

    return {a.name: helper.get_attribute_value(a) for a in node.attribute}


class OnnxModule(nn.Module):
    """The graph of the file `path`; `forward` takes its one input and returns the value named `output` (or its one output).

    Float constants of 8 numbers or more are parameters, except the running statistics of batch normalisation.

    Raises:
        NotImplementedError: the graph has an operator that is not known here.
    """

    def __init__(self, path: Path, output: str = "") -> None:
        import onnx
        from onnx import numpy_helper

        super().__init__()
        self.model = onnx.load(str(path))
        graph = self.model.graph
        self.input, self.output = graph.input[0].name, output or graph.output[0].name
        self.weights = nn.ParameterDict()
        self.fixed: dict[str, Any] = {}
        statistics = {name for node in graph.node if node.op_type == "BatchNormalization" for name in node.input[3:5]}
        constants: Constants = {}
        self.nodes: list[Node] = []
        for node in graph.node:
            attributes = _attributes(node)
            if node.op_type == "Constant":
                constants[node.output[0]] = numpy_helper.to_array(attributes["value"])
            elif node.op_type == "Cast" and node.input[0] in constants:
                constants[node.output[0]] = constants[node.input[0]].astype(_NUMPY[attributes["to"]])
            elif node.op_type == "Mul" and all(name in constants for name in node.input):  # 8 bits by their scale
                constants[node.output[0]] = constants[node.input[0]] * constants[node.input[1]]
            else:
                self.nodes.append((node.op_type, list(node.input), list(node.output), attributes))
        self.nodes = simplified(self.nodes, constants, self.output)
        used = {name for _, inputs, _, _ in self.nodes for name in inputs}
        for name, value in constants.items():
            if name not in used:
                continue
            if value.dtype == np.float32 and value.size >= _LEAST_WEIGHT and name not in statistics:
                self.weights[_key(name)] = nn.Parameter(torch.tensor(value))
            elif value.dtype == np.float32:
                self.register_buffer("fixed_" + _key(name), torch.tensor(value))
            else:
                self.fixed[name] = torch.tensor(value)
        unknown = {op for op, _, _, _ in self.nodes} - set(_OPERATORS)
        if unknown:
            raise NotImplementedError(f"operators of {path.name} that are not known here: {', '.join(sorted(unknown))}")

    def forward(self, x: Tensor) -> Tensor:
        """`x` as the graph's input; the value of the node `output`."""
        values: dict[str, Any] = {self.input: x, **self.fixed}
        for op, inputs, outputs, attributes in self.nodes:
            result = _OPERATORS[op]([self._value(values, name) for name in inputs], attributes)
            values[outputs[0]] = result
            if outputs[0] == self.output:
                assert isinstance(result, Tensor)
                return result
        raise KeyError(self.output)

    def _value(self, values: dict[str, Any], name: str) -> Any:
        if name in values:
            return values[name]
        key = _key(name)
        return self.weights[key] if key in self.weights else getattr(self, "fixed_" + key)

    def write(self, path: Path) -> None:
        """The graph with the present weights as the file `path`: matrices in 8 bits with a scale for each output, computed in
        single precision; input, output and metadata as in the file that was read.
        """
        import onnx
        from onnx import TensorProto, helper, numpy_helper

        nodes: list[Any] = []

        def constant(name: str, value: np.ndarray[Any, Any]) -> None:
            nodes.append(helper.make_node("Constant", [], [name], value=numpy_helper.from_array(value, name + ".value")))

        used = dict.fromkeys(name for _, inputs, _, _ in self.nodes for name in inputs)
        for name in used:
            key = _key(name)
            if name in self.fixed:
                constant(name, self.fixed[name].numpy())
            elif key in self.weights and self.weights[key].ndim > 1 and self.weights[key].numel() >= _LEAST_MATRIX:
                whole, scale = eight_bits(self.weights[key].detach().numpy())
                constant(name + ".whole", whole)
                constant(name + ".scale", scale)
                nodes.append(helper.make_node("Cast", [name + ".whole"], [name + ".float"], to=TensorProto.FLOAT))
                nodes.append(helper.make_node("Mul", [name + ".float", name + ".scale"], [name]))
            elif key in self.weights or hasattr(self, "fixed_" + key):
                constant(name, self._value({}, name).detach().numpy())
        for op, inputs, outputs, attributes in self.nodes:
            (y,) = outputs
            if op == "HardSwish":
                nodes.append(helper.make_node("HardSigmoid", inputs, [y + ".gate"], alpha=1 / 6, beta=0.5))
                nodes.append(helper.make_node("Mul", [inputs[0], y + ".gate"], [y]))
            elif op == "Affine":
                constant(y + ".by", np.array([attributes["scale"]], np.float32))
                constant(y + ".and", np.array([attributes["offset"]], np.float32))
                nodes.append(helper.make_node("Mul", [inputs[0], y + ".by"], [y + ".scaled"]))
                nodes.append(helper.make_node("Add", [y + ".scaled", y + ".and"], [y]))
            else:
                nodes.append(helper.make_node(op, inputs, outputs, **attributes))
        del self.model.graph.node[:]
        self.model.graph.node.extend(nodes)
        onnx.checker.check_model(self.model)
        onnx.save(self.model, str(path))


def eight_bits(matrix: np.ndarray[Any, Any]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """(whole numbers in -127..127 as int8, scales that broadcast to them): a scale for each output, which is the first axis of a
    kernel (4 axes) and the last of a matrix."""
    axes = tuple(range(1, matrix.ndim)) if matrix.ndim == 4 else tuple(range(matrix.ndim - 1))
    scale = np.maximum(np.abs(matrix).max(axis=axes, keepdims=True), 1e-12) / 127
    return np.round(matrix / scale).astype(np.int8), scale.astype(np.float32)


def simplified(nodes: list[Node], constants: Constants, output: str) -> list[Node]:
    """The same function in fewer steps: factors and shifts behind a convolution are put into its weights (in `constants`), the four
    steps of a hard swish and the two of a scalar factor and shift are one (`HardSwish`, `Affine`)."""
    users: dict[str, list[Node]] = {}
    for node in nodes:
        for name in node[1]:
            users.setdefault(name, []).append(node)

    def only_user(name: str, op: str) -> Node | None:
        found = users.get(name, [])
        return found[0] if len(found) == 1 and found[0][0] == op and name != output else None

    def scalar(node: Node) -> float | None:
        known = [constants[name] for name in node[1] if name in constants]
        return float(known[0].reshape(-1)[0]) if len(known) == 1 and known[0].size == 1 else None

    done: list[Node] = []
    gone: set[int] = set()
    for node in nodes:
        if id(node) in gone:
            continue
        made = node
        op, inputs, outputs, attributes = node
        factor = node if op == "Mul" else only_user(outputs[0], "Mul") if op == "Conv" else None
        shift = only_user(factor[2][0], "Add") if factor is not None and scalar(factor) is not None else None
        if factor is not None and shift is not None and scalar(shift) is not None:
            scale, offset = scalar(factor), scalar(shift)
            assert scale is not None and offset is not None
            gone |= {id(factor), id(shift)}
            if op == "Conv":
                weight, bias = inputs[1:3] if len(inputs) > 2 else (inputs[1], inputs[1] + ".bias")
                constants[bias] = constants.get(bias, np.zeros(len(constants[weight]), np.float32)) * scale + np.float32(offset)
                constants[weight] = constants[weight] * np.float32(scale)
                made = ("Conv", [inputs[0], weight, bias], shift[2], attributes)
            else:
                (x,) = (name for name in inputs if name not in constants)
                made = ("Affine", [x], shift[2], {"scale": scale, "offset": offset})
        elif op == "Add" and scalar(node) == 3.0 and (clip := only_user(outputs[0], "Clip")) is not None:
            product = only_user(clip[2][0], "Mul")
            quotient = only_user(product[2][0], "Div") if product is not None else None
            (x,) = (name for name in inputs if name not in constants)
            if product is not None and quotient is not None and x in product[1] and scalar(quotient) == 6.0:
                gone |= {id(clip), id(product), id(quotient)}
                made = ("HardSwish", [x], quotient[2], {})
        done.append(made)
    return done


def _key(name: str) -> str:
    """A name that torch allows for a parameter."""
    return name.replace(".", "__")


class _Depthwise(torch.autograd.Function):
    """A depthwise convolution whose gradient for the input is a convolution too.

    torch's own takes forty times as long on a CPU with channels last (240 channels, 5 x 5; torch 2.13)."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, strides: list[int], pads: list[int]) -> Tensor:
        ctx.save_for_backward(x, weight)
        ctx.how = strides, pads
        return functional.conv2d(x, weight, None, strides, pads, 1, len(weight))

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor | None, None, None]:
        x, weight = ctx.saved_tensors
        strides, pads = ctx.how
        spread = grad
        if strides != [1, 1]:
            kernel = weight.shape[2:]
            rows, columns = (x.shape[2 + k] + 2 * pads[k] - kernel[k] + 1 for k in range(2))
            spread = (
                torch.zeros_like(grad[:, :, :1, :1]).expand(-1, -1, rows, columns).contiguous(memory_format=torch.channels_last)
            )
            spread[:, :, :: strides[0], :: strides[1]] = grad
        back = [weight.shape[2 + k] - 1 - pads[k] for k in range(2)]
        to_x = functional.conv2d(spread, weight.flip(2, 3), None, 1, back, 1, len(weight))
        to_weight = None
        if ctx.needs_input_grad[1]:
            size = list(weight.shape)
            to_weight = conv2d_weight(x, size, grad, strides, pads, 1, len(weight))  # type: ignore[no-untyped-call]
        return to_x, to_weight, None, None


def _conv(inputs: list[Any], a: dict[str, Any]) -> Tensor:
    pads = a.get("pads", [0, 0, 0, 0])
    x = inputs[0]
    if pads[:2] != pads[2:]:
        x, pads = functional.pad(x, [pads[1], pads[3], pads[0], pads[2]]), [0, 0]
    bias = inputs[2] if len(inputs) > 2 else None
    if a.get("group", 1) == inputs[1].shape[0] > 1:
        y: Tensor = _Depthwise.apply(x, inputs[1], a.get("strides", [1, 1]), pads[:2])  # type: ignore[no-untyped-call]
        return y if bias is None else y + bias[:, None, None]
    out: Tensor = functional.conv2d(x, inputs[1], bias, a.get("strides", 1), pads[:2], a.get("dilations", 1), a.get("group", 1))
    return out


def _batch_norm(inputs: list[Any], a: dict[str, Any]) -> Tensor:
    x, scale, shift, mean, variance = inputs
    return functional.batch_norm(x, mean, variance, scale, shift, False, 0.0, a.get("epsilon", 1e-5))


def _pool(inputs: list[Any], a: dict[str, Any]) -> Tensor:
    return functional.avg_pool2d(inputs[0], a["kernel_shape"], a.get("strides", 1), a.get("pads", [0, 0])[:2])


def _slice(inputs: list[Any], _: dict[str, Any]) -> Any:
    x, starts, ends = inputs[:3]
    axes = inputs[3] if len(inputs) > 3 else torch.arange(len(starts))
    steps = inputs[4] if len(inputs) > 4 else torch.ones(len(starts), dtype=torch.long)
    parts: list[Any] = [slice(None)] * x.ndim
    for start, end, axis, step in zip(starts.tolist(), ends.tolist(), axes.tolist(), steps.tolist(), strict=True):
        parts[axis] = slice(start, end, step)
    return x[tuple(parts)]


def _reshape(inputs: list[Any], _: dict[str, Any]) -> Tensor:
    x: Tensor = inputs[0]
    shape: Tensor = inputs[1]
    return x.reshape([x.shape[i] if n == 0 else int(n) for i, n in enumerate(shape.tolist())])


def _squeeze(inputs: list[Any], a: dict[str, Any]) -> Any:
    x = inputs[0]
    for axis in sorted(a.get("axes", []), reverse=True):
        x = x.squeeze(axis)
    return x


def _clip(inputs: list[Any], _: dict[str, Any]) -> Tensor:
    return torch.clamp(inputs[0], float(inputs[1]), float(inputs[2]))


_NUMPY = {1: np.float32, 6: np.int32, 7: np.int64, 10: np.float32}
_TYPES = {1: torch.float32, 6: torch.int32, 7: torch.int64, 10: torch.float32}
_OPERATORS: dict[str, Callable[[list[Any], dict[str, Any]], Any]] = {
    "Add": lambda i, a: i[0] + i[1],
    "Affine": lambda i, a: torch.add(torch.tensor(a["offset"]), i[0], alpha=a["scale"]),
    "AveragePool": _pool,
    "BatchNormalization": _batch_norm,
    "Cast": lambda i, a: i[0].to(_TYPES[a["to"]]),
    "Clip": _clip,
    "Concat": lambda i, a: torch.cat([x.reshape(1) if x.ndim == 0 else x for x in i], a["axis"]),
    "Conv": _conv,
    "Div": lambda i, a: i[0] / i[1],
    "GlobalAveragePool": lambda i, a: i[0].mean((2, 3), keepdim=True),
    "HardSigmoid": lambda i, a: torch.clamp(i[0] * a.get("alpha", 0.2) + a.get("beta", 0.5), 0.0, 1.0),
    "HardSwish": lambda i, a: functional.hardswish(i[0]),
    "MatMul": lambda i, a: i[0] @ i[1],
    "Mul": lambda i, a: i[0] * i[1],
    "Pow": lambda i, a: i[0] ** i[1],
    "ReduceMean": lambda i, a: i[0].mean(a["axes"], keepdim=bool(a.get("keepdims", 1))),
    "Relu": lambda i, a: torch.relu(i[0]),
    "Reshape": _reshape,
    "Shape": lambda i, a: torch.tensor(i[0].shape, dtype=torch.int64),
    "Sigmoid": lambda i, a: torch.sigmoid(i[0]),
    "Slice": _slice,
    "Softmax": lambda i, a: torch.softmax(i[0], a.get("axis", -1)),
    "Sqrt": lambda i, a: torch.sqrt(i[0]),
    "Squeeze": _squeeze,
    "Sub": lambda i, a: i[0] - i[1],
    "Transpose": lambda i, a: i[0].permute(a["perm"]),
}
