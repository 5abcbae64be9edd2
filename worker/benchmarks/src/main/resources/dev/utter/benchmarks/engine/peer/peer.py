"""Transformers' CSM as the peer of a benchmark.

Reads one JSON request a line from standard input and answers each with one JSON line on standard output:

  {"do": "start", "device": D, "threads": T}   -> {"python": .., "torch": .., "transformers": .., "threads": .., "device": ..}
  {"do": "load", "dtype": D, "folder": F}                  -> {"parameters": .., "seconds": ..}
  {"do": "load", "dtype": D, "config": {..}, "seed": S}    -> the same, with random weights of those sizes
  {"do": "generate", "dtype": D, "ids": [[..]..], "frames": N, "audio": A}
      -> {"frameSeconds": [..], "totalSeconds": .., "codes": [[..]..]}
  {"do": "free", "dtype": D}                               -> {}
  {"do": "memory"}                                         -> {"peakBytes": ..}

frameSeconds counts from the call of generate() to each frame; codes is (rows, frames * codebooks), a frame's codes together.
A request that fails is answered with {"error": ..}. The program ends when its input does.
"""

import gc
import json
import os
import platform
import sys
import time

import torch
import transformers
from transformers import CsmConfig, CsmForConditionalGeneration
from transformers.generation.streamers import BaseStreamer


class FrameClock(BaseStreamer):
    """generate() hands the prompt to a streamer first, then every frame."""

    def __init__(self):
        self.times = []
        self.frames = []

    def put(self, value):
        self.times.append(time.perf_counter())
        self.frames.append(value)

    def end(self):
        pass


def random_model(config, dtype, seed):
    usual = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        with transformers.initialization.no_init_weights():
            model = CsmForConditionalGeneration(config)
    finally:
        torch.set_default_dtype(usual)
    torch.manual_seed(seed)
    # The spread of an initialised network. Drawing billions of numbers takes minutes, so blocks of some are repeated.
    drawn = torch.empty(1 << 22, dtype=dtype).uniform_(-0.02 * 3**0.5, 0.02 * 3**0.5)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if weight.dim() == 1:
                weight.fill_(0.0 if name.endswith("bias") else 1.0)
            else:
                for part in weight.view(-1).split(drawn.numel()):
                    part.copy_(drawn[: part.numel()])
    model.tie_weights()
    return model


class Peer:
    def __init__(self):
        self.models = {}
        self.device = None

    def start(self, request):
        torch.set_num_threads(request["threads"])
        torch.set_num_interop_threads(1)
        self.device = torch.device(request["device"])
        return {
            "python": platform.python_version(),
            "torch": torch.__version__,
            "transformers": transformers.__version__,
            "threads": torch.get_num_threads(),
            "device": torch.cuda.get_device_name(self.device) if self.device.type == "cuda" else "cpu",
        }

    def load(self, request):
        begin = time.perf_counter()
        dtype = getattr(torch, request["dtype"])
        if "folder" in request:
            config = CsmConfig.from_pretrained(request["folder"])
            index = "transformers.safetensors.index.json"
            if not hasattr(config, "transformers_weights") and os.path.exists(os.path.join(request["folder"], index)):
                config.transformers_weights = index
            model = CsmForConditionalGeneration.from_pretrained(
                request["folder"], config=config, dtype=dtype, attn_implementation="sdpa", local_files_only=True
            )
        else:
            config = CsmConfig.from_dict(request["config"])
            config._attn_implementation = "sdpa"
            model = random_model(config, dtype, request["seed"])
        model.to(self.device).eval()
        # No frame is the end, so that both sides make exactly as many as asked for.
        model.config.codebook_eos_token_id = -1
        self.models[request["dtype"]] = model
        return {
            "parameters": sum(p.numel() for p in model.parameters()),
            "seconds": time.perf_counter() - begin,
        }

    def generate(self, request):
        model = self.models[request["dtype"]]
        ids = torch.tensor(request["ids"], dtype=torch.long, device=self.device)
        clock = FrameClock()
        with torch.inference_mode():
            begin = time.perf_counter()
            model.generate(
                input_ids=ids,
                attention_mask=torch.ones_like(ids),
                max_new_tokens=request["frames"],
                do_sample=False,
                depth_decoder_do_sample=False,
                streamer=clock,
                output_audio=request["audio"],
            )
            if self.device.type == "cuda":
                torch.cuda.synchronize(self.device)
            total = time.perf_counter() - begin
        frames = torch.stack(clock.frames[1:], 1)
        return {
            "frameSeconds": [t - begin for t in clock.times[1:]],
            "totalSeconds": total,
            "codes": frames.reshape(frames.shape[0], -1).tolist(),
        }

    def free(self, request):
        del self.models[request["dtype"]]
        gc.collect()
        return {}

    def memory(self, request):
        with open("/proc/self/status") as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    return {"peakBytes": int(line.split()[1]) * 1024}
        return {}


def main():
    transformers.logging.set_verbosity_error()
    # Whatever a library prints must not get between the answers.
    answers, sys.stdout = sys.stdout, sys.stderr
    peer = Peer()
    actions = {name: getattr(peer, name) for name in ("start", "load", "generate", "free", "memory")}
    for line in sys.stdin:
        try:
            request = json.loads(line)
            answer = actions[request["do"]](request)
        except Exception as failure:  # the other side decides what to do about it
            answer = {"error": f"{type(failure).__name__}: {failure}"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
