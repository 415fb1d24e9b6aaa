"""Lightning (`lightning` or `pytorch_lightning`):

    trainer = Trainer(..., callbacks=[trainmon.integrations.lightning.callback()])

The options are those of `trainmon.watch`. With manual optimization every optimizer of the module must step in each batch, else name one: `optimizer=0`."""

from ._common import Follower, numbers, unwrapped


def callback(optimizer=None, **options):
    """A Callback. `optimizer`: the place of the one to watch among several; default: all, as one step."""
    try:
        from lightning.pytorch import Callback
    except ImportError:
        from pytorch_lightning import Callback

    return make(Callback, options, optimizer)


def make(base, options, chosen=None):
    """The callback on any base class with the hooks of Callback."""

    class TrainmonCallback(base):
        """Watches what the Trainer trains."""

        def __init__(self):
            super().__init__()
            self.follower = Follower(options)

        @property
        def monitor(self):
            return self.follower.monitor

        def on_train_start(self, trainer, pl_module):
            optimizers = [unwrapped(o) for o in trainer.optimizers]
            if not optimizers:
                return
            loader = getattr(trainer, "train_dataloader", None)
            batch = getattr(loader, "batch_size", None)
            if isinstance(batch, int):
                batch *= max(1, getattr(trainer, "accumulate_grad_batches", 1)) * max(1, getattr(trainer, "world_size", 1))
            self.follower.start(pl_module, optimizers if chosen is None else [optimizers[chosen]], dataset_size=_size(loader), batch_size=batch if isinstance(batch, int) else None)

        def on_before_optimizer_step(self, trainer, pl_module, optimizer, *args):
            loss = getattr(self, "_loss", None)
            if loss is not None:
                self.follower.log(loss=loss)

        def on_before_backward(self, trainer, pl_module, loss):
            # Divided by the number of microbatches already; with a scaler not yet scaled.
            self._loss = loss.detach() * max(1, getattr(trainer, "accumulate_grad_batches", 1))

        def on_train_batch_end(self, trainer, pl_module, outputs, batch, batch_idx):
            if self.follower.should_stop:
                trainer.should_stop = True

        def on_validation_end(self, trainer, pl_module):
            metrics = {name: float(value) for name, value in getattr(trainer, "callback_metrics", {}).items() if getattr(value, "numel", lambda: 1)() == 1}
            if not getattr(trainer, "sanity_checking", False) and getattr(trainer, "is_global_zero", True):
                self.follower.log(**{"held_out_loss" if name == "val_loss" else f"trainer/{name}": value for name, value in numbers(metrics).items()})

        def on_train_end(self, trainer, pl_module):
            self.follower.stop()

        def on_exception(self, trainer, pl_module, exception):
            self.follower.stop(exception)

    return TrainmonCallback()


def _size(loader):
    try:
        return len(loader.dataset) or None
    except (AttributeError, TypeError):
        return None  # a stream, or several loaders
