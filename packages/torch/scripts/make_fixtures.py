"""What the scripts that make fixtures share."""
import base64
from pathlib import Path

OUT = Path(__file__).parent.parent / "test" / "fixtures" / "nn"


def packed(tensor):
    """Row-major bytes in base64, with shape and dtype."""
    tensor = tensor.detach().contiguous()
    data = base64.b64encode(tensor.numpy().tobytes()).decode()
    return {"dtype": str(tensor.dtype).removeprefix("torch."), "shape": list(tensor.shape), "data": data}
