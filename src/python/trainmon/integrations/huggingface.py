"""Hugging Face Trainer:

    trainer = Trainer(..., callbacks=[trainmon.integrations.huggingface.callback()])

The options are those of `trainmon.watch`. Only the process with rank 0 of a job sends what the Trainer logs; every rank is watched."""

from ._common import Follower, numbers, unwrapped

# What the Trainer logs that a monitor knows by another name. Its training loss is a mean over the steps since it logged before: a step's loss where it logs each step, else a scalar.
_LOGGED = {"eval_loss": "held_out_loss", "eval_accuracy": "held_out_accuracy"}


def callback(**options):
    """A TrainerCallback."""
    from transformers import TrainerCallback

    return make(TrainerCallback, options)


def make(base, options):
    """The callback on any base class with the hooks of TrainerCallback."""

    class TrainmonCallback(base):
        """Watches what the Trainer trains."""

        def __init__(self):
            super().__init__()
            self.follower = Follower(options)

        @property
        def monitor(self):
            return self.follower.monitor

        def on_train_begin(self, args, state, control, model=None, optimizer=None, train_dataloader=None, **kwargs):
            if model is None or optimizer is None:
                return
            batch = getattr(args, "train_batch_size", None)
            if batch:
                batch *= max(1, getattr(args, "gradient_accumulation_steps", 1)) * max(1, getattr(args, "world_size", 1))
            self.follower.start(
                model, [unwrapped(optimizer)], dataset_size=_size(train_dataloader), batch_size=batch, run_name=getattr(args, "run_name", None),
                sampling="shuffled" if _size(train_dataloader) else None)

        def on_step_end(self, args, state, control, **kwargs):
            if self.follower.should_stop:
                control.should_training_stop = True
            return control

        def on_log(self, args, state, control, logs=None, **kwargs):
            if logs and getattr(state, "is_world_process_zero", True):
                known = {**_LOGGED, "loss": "loss"} if getattr(args, "logging_steps", 0) == 1 else _LOGGED
                self.follower.log(**{known.get(name, f"trainer/{name}"): value for name, value in numbers(logs).items()})

        def on_train_end(self, args, state, control, **kwargs):
            self.follower.stop()

    return TrainmonCallback()


def _size(loader):
    try:
        return len(loader.dataset) or None
    except (AttributeError, TypeError):
        return None  # a stream
