"""Reads and writes safetensors files for the oracles: 8 bytes of length, a JSON header, raw little-endian tensors.

Debian 12 has no package of that format for Python.
"""
import json
import struct

import torch

DTYPES = {"F16": torch.float16, "F32": torch.float32, "F64": torch.float64, "I64": torch.int64}


def read(path):
    """Tensors by name; half precision becomes float32."""
    data = bytearray(open(path, "rb").read())
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(bytes(data[8:8 + length]))
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        dtype = DTYPES[entry["dtype"]]
        flat = torch.frombuffer(data, dtype=dtype, count=(end - begin) // torch.empty(0, dtype=dtype).element_size(),
                                offset=8 + length + begin) if end > begin else torch.empty(0, dtype=dtype)
        tensor = flat.reshape(entry["shape"])
        tensors[name] = tensor.float() if dtype == torch.float16 else tensor
    return tensors


def write(path, tensors):
    names = {dtype: name for name, dtype in DTYPES.items()}
    header, parts, at = {}, [], 0
    for name in sorted(tensors):
        tensor = tensors[name].detach().contiguous()
        raw = tensor.numpy().tobytes()
        header[name] = {"dtype": names[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [at, at + len(raw)]}
        parts.append(raw)
        at += len(raw)
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(parts))
