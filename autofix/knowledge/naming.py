"""What names suggest: is this parameter a prediction or a target, is that function a loss, which number is sensible?

Names are split into words (`yPred_mean` is y, pred, mean), because "indices" holds "dice" and "ViTMAE" holds "mae".
A name is the weakest evidence and is asked last.
"""

from __future__ import annotations

import re
from functools import cache

from autofix.model import Role

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")

_PREDICTION = frozenset(
    "pred preds predict predicted prediction predictions predictive output outputs out outs logit logits hat yhat prob "
    "probs proba probability probabilities score scores recon reconstruction reconstructed mu mean means logvar logstd "
    "embedding embeddings emb embed embeds feature features feat feats student estimate estimated estimates log lp "
    "anchor input inputs fake generated denoised restored z p q a yp pr hypothesis forecast approx var model".split()
)
_SURE_PREDICTION = frozenset({"pred", "preds", "prediction", "predictions", "predicted"})
_TARGET = frozenset(
    "true target targets tgt label labels lbl gt truth ground mask masks weight weights real actual actuals expected "
    "reference ref teacher old ema next advantage advantages adv advs return returns reward rewards done dones class "
    "classes y t trg observed clean noisy action actions baseline goal".split()
)
_ALWAYS_TARGET = frozenset(
    "old teacher ema next target targets label labels gt truth true advantage advantages".split()
)
_GROUND_TRUTH = frozenset("true target targets tgt label labels gt truth y expected".split())
_NUMBER = frozenset(
    "eps epsilon delta alpha beta gamma lambda lam lamb margin temperature temp tau smooth smoothing reduction axis "
    "dim num n k c quantile threshold scale factor power exponent coef coefficient step epoch ratio weighting".split()
)
LOSS = frozenset(
    "loss losses criterion criteria objective cost penalty mse mae rmse msle rmsle mape smape huber bce nll ce dice "
    "iou crossentropy xent jaccard tversky focal hinge triplet contrastive divergence kl kld jsd elbo wasserstein "
    "pinball quantile charbonnier lovasz cosh regularizer regularization error entropy likelihood".split()
)
NAMED_LOSS = frozenset("loss losses criterion objective".split())
_NO_LOSS = frozenset(
    "metric metrics eval evaluate evaluation evaluator validate validation valid test tests testing benchmark accuracy "
    "acc auc auroc roc precision recall sensitivity specificity f1 fscore ap psnr fid kappa bleu rouge wer cer plot "
    "plots show draw display visualize visualise visualization vis render save logger report print summary load "
    "read loader dataset datasets transform transforms preprocess preprocessing postprocess augment augmentation "
    "collate sampler generate predict infer inference decode encode matcher assigner nms convert get make build create "
    "demo attack perturb".split()
)
_METRIC_LOSS = frozenset("triplet triplets contrastive siamese quadruplet".split())
_LOADER = frozenset("loader loaders dataloader dataloaders batches".split())
_MODEL = frozenset(
    "model models net nets network networks generator discriminator critic actor policy encoder decoder backbone "
    "classifier regressor student unet resnet vae gan mlp cnn rnn lstm transformer agent head".split()
)

INPUT = frozenset(
    "image images img imgs x input inputs inp sample samples interpolated interpolates interpolation noise latent t xt "
    "coords coordinates points tensor batch pixels spectrogram".split()
)
OPTIMIZER = frozenset({"optim", "optims", "optimizer", "optimizers", "optimiser", "optimisers"})
SCHEDULER = frozenset({"scheduler", "schedulers", "lr", "schedule", "schedules", "scaler"})
FROZEN_MODEL = frozenset("teacher extractor vgg bert clip lpips flow prior predictor projector denoiser".split())
_PHASE = frozenset(
    "train training trains eval evaluate evaluation evaluating val valid validate validation test testing inference "
    "infer phase mode split grad requires".split()
)
LENGTH = frozenset("lengths length lens len".split())
TOKEN = frozenset("ids tokens".split())
NUMBERS_OF_CLASSES = frozenset("classes num_classes n_classes nb_classes num_class n_class n_cls".split())
IMAGE = frozenset("image images img imgs seg segmentation mask masks depth frame frames photo".split())
KINDS_BY_WORD = {
    "labels": "label labels index indices idx ids classes tokens action actions timestep timesteps",
    "binary": "mask masks done dones event events censor censored terminal terminals",
    "unit": "prob probs proba probability probabilities",
    "positive": "var variance std sigma scale weight weights precision",
    "negative": "logp logprob logprobs lp",
}
"""Words that say what the numbers of an argument are."""

CRITERIA = frozenset(
    "compute_loss compiled_loss loss_fn loss_func loss_function loss_object criterion bce mse mae cross_entropy "
    "append add_loss".split()
)
"""Methods and attributes of an object that are a loss."""

NAMES_OF_LOSSES = ("loss", "objective", "total_loss", "target")
"""Names for a loss, for one that has none."""

_BRINGING = frozenset(
    "load build create make get save init initialize setup set prepare copy clone export import register download "
    "freeze unfreeze update sync reset wrap compile configure find select".split()
)


@cache
def words(name: str) -> tuple[str, ...]:
    """Split an identifier at underscores, case changes and digits; lower case."""
    return tuple(word.lower() for word in _WORD.findall(name))


@cache
def role(name: str) -> Role:
    """Guess what a parameter of a loss takes from its name."""
    found = set(words(name))
    if found & _ALWAYS_TARGET and not found & _SURE_PREDICTION:
        return "target"
    if found & _PREDICTION:
        return "prediction"
    if found & _TARGET:
        return "target"
    return "number" if found & _NUMBER else "unknown"


@cache
def is_loss(name: str) -> bool:
    """Does the name of a function or class say that it is a loss (or a term of one)?"""
    return bool(set(words(name)) & LOSS)


def is_named_loss(name: str) -> bool:
    """Does the name say so in so many words? What is enough to look into a function that nobody here uses."""
    return bool(set(words(name)) & NAMED_LOSS)


def is_kind_of_loss(name: str) -> bool:
    """Does the name of a class end as that of a loss does? A `ContrastiveTrainer` is a trainer."""
    return any(word in LOSS for word in words(name)[-1:])


def is_ground_truth(name: str) -> bool:
    """Does the name say that predictions are compared with this? Weights and masks are targets only in part."""
    return role(name) == "target" and bool(set(words(name)) & _GROUND_TRUTH)


def is_surely_target(name: str) -> bool:
    """Does the name say that this is a target and never a prediction: pseudo-labels, a teacher's, an old policy's?"""
    return role(name) == "target" and bool(set(words(name)) & _ALWAYS_TARGET)


def speaks_of_prediction(text: str) -> bool:
    """Is something called a prediction in a piece of source?"""
    return bool(set(words(text)) & _SURE_PREDICTION)


@cache
def is_no_loss(name: str) -> bool:
    """Does the name of a function, a class or a file say that this measures, shows or prepares something?"""
    return bool(set(words(name)) & _NO_LOSS)


@cache
def is_coordinate(name: str) -> bool:
    """Does the name say which corner of a box this is, as `y1` beside `x1` does?"""
    found = words(name)
    return found[:1] == ("y",) and len(found) == 2 and (found[1].isdigit() or found[1] in ("min", "max"))


@cache
def is_metric_loss(name: str) -> bool:
    """Does the name say that samples are compared with their like, so that equal ones meet?"""
    return bool(set(words(name)) & _METRIC_LOSS)


def is_environment(name: str) -> bool:
    """Does the name say that an agent acts in this?"""
    return bool(set(words(name)) & {"env", "envs", "environment", "environments"})


def says_whether_it_trains(name: str) -> bool:
    """Does a name or a word tell training from evaluation, as `is_train`, `evaluate` and `"val"` do?"""
    return bool(set(words(name)) & _PHASE)


def is_loader(name: str) -> bool:
    """Does the name say that a loop over this yields batches?"""
    return bool(set(words(name)) & _LOADER)


@cache
def is_model(name: str) -> bool:
    """Does the name of a callable say that it is a model with trainable parameters? `load_network` only brings one."""
    found = words(name)
    return bool(set(found) & _MODEL) and found[0] not in _BRINGING


Number = float | int | str | bool
NUMBERS: dict[str, Number] = {
    "delta": 0.8, "alpha": 0.3, "beta": 0.6, "gamma": 2.0, "margin": 0.5, "m": 0.5, "eps": 1e-6, "epsilon": 1e-6,
    "temperature": 2.0, "temp": 2.0, "tau": 0.7, "t": 2.0, "q": 0.3, "quantile": 0.3, "smooth": 1.0, "smoothing": 0.1,
    "label_smoothing": 0.1, "p": 2, "power": 2, "order": 2, "n": 2, "k": 3, "dim": -1, "axis": -1, "sigma": 0.7,
    "num_classes": 10, "n_classes": 10, "classes": 10, "nb_classes": 10, "num_class": 10, "c": 10, "n_class": 10,
    "batch_size": 8, "n_features": 10, "in_features": 10, "epoch": 3, "step": 3, "it": 3, "iteration": 3, "epochs": 10,
    "reduction": "mean", "name": "loss", "from_logits": False, "device": "cpu", "verbose": False, "batch_idx": 0,
    "window_size": 5, "kernel_size": 3, "win_size": 5, "n_fft": 16, "fft_size": 16, "hop": 4, "hop_size": 4,
    "hop_length": 4, "win_length": 16, "pad_idx": 0, "ignore_index": -100, "timesteps": 10, "num_timesteps": 10,
    "lr": 0.01, "learning_rate": 0.01, "threshold": 0.5, "lam": 0.1, "lambda_": 0.1, "lmbda": 0.1, "a": 0.4, "b": 1.3,
}  # fmt: skip
OTHERWISE = 0.7
SIZES = ("_dim", "_dims", "_size", "_features", "_units", "_width", "dim", "channels", "classes")


def number(name: str) -> Number:
    """Sizes are those that predictions have by default, so that what is built with them fits what it is given."""
    key = name.lower().strip("_")
    if key.startswith(("num_", "n_")):
        return NUMBERS.get(key, 10)
    if key.endswith(SIZES):
        return NUMBERS.get(key, 10)
    if key.startswith(("use_", "is_")):
        return False
    return NUMBERS.get(key, OTHERWISE)


def is_number_by_name(name: str) -> bool:
    """Whether a name says by itself that it is a hyper-parameter; letters alone say nothing."""
    key = name.lower().strip("_")
    return key.startswith(("num_", "use_", "is_")) or (len(key) > 2 and key in NUMBERS)


def guess(name: str) -> str:
    """The same as an expression."""
    return repr(number(name))
