r"""The two losses, over the frames that are valid, in Keras operations.

A batch holds sequences of unequal length; a mask says which frames are real. Frames that are
padding change neither a loss nor its gradient, whatever they contain, as long as it is finite.
"""

from keras import ops

EPSILON = 1e-7
"""Added to the denominator of the CCC, so that two equal constants give 0 and not 0 / 0; and the
lowest probability whose logarithm is taken."""


def category_loss(truth, prediction, mask):
    r"""Return the mean categorical cross-entropy over the valid frames.

    .. math::

        -\frac{1}{\sum_f m_f} \sum_f m_f \sum_k y_{fk} \log \max(p_{fk}, \epsilon)

    Parameters
    ----------
    truth : tensor (batch, time, 7)
        One-hot categories.
    prediction : tensor (batch, time, 7)
        Probabilities.
    mask : tensor (batch, time)
        1 where a frame is valid, 0 where it is padding.

    Returns
    -------
    tensor ()
        At least 0; 0 where no frame is valid.

    References
    ----------
    Thesis 3.4.1.
    """
    prediction = ops.convert_to_tensor(prediction)
    weight = ops.cast(mask, prediction.dtype)
    log_probability = ops.log(ops.maximum(prediction, EPSILON))
    per_frame = -ops.sum(ops.cast(truth, prediction.dtype) * log_probability, axis=-1)
    return ops.sum(weight * per_frame) / ops.maximum(ops.sum(weight), 1)


def dimensional_loss(truth, prediction, mask, ccc="batch"):
    r"""Return 1 - CCC of valence plus 1 - CCC of arousal.

    .. math::

        \rho_c = \frac{2 s_{xy}}{s_x^2 + s_y^2 + (\bar x - \bar y)^2 + \epsilon}

    with population (``ddof=0``) variances and covariance. Where fewer than two frames are valid,
    or truth or prediction is constant, the covariance and so the CCC is 0.

    Parameters
    ----------
    truth, prediction : tensor (batch, time, 2)
        Valence and arousal.
    mask : tensor (batch, time)
        1 where a frame is valid, 0 where it is padding.
    ccc : str
        ``batch``: over all valid frames together. ``sequence``: of each sequence, and their mean
        over the sequences with a valid frame; 0 where there is none.

    Returns
    -------
    tensor ()
        In [0, 4].

    References
    ----------
    Lin (1989), A concordance correlation coefficient to evaluate reproducibility; thesis 3.4.2.
    """
    prediction = ops.convert_to_tensor(prediction)
    truth = ops.cast(truth, prediction.dtype)
    weight = ops.cast(mask, prediction.dtype)[..., None]  # batch, time, 1
    axes = (0, 1) if ccc == "batch" else (1,)
    frames = ops.sum(weight, axes, keepdims=True)

    def mean(values):
        return ops.sum(values * weight, axes, keepdims=True) / ops.maximum(frames, 1)

    truth_mean, prediction_mean = mean(truth), mean(prediction)
    truth_rest, prediction_rest = truth - truth_mean, prediction - prediction_mean
    covariance = mean(truth_rest * prediction_rest)
    spread = mean(truth_rest**2) + mean(prediction_rest**2)
    bias = (truth_mean - prediction_mean) ** 2
    losses = ops.sum(1 - 2 * covariance / (spread + bias + EPSILON), -1)  # groups, 1
    if ccc == "batch":
        return ops.sum(losses)
    counts = ops.cast(frames[..., 0] > 0, losses.dtype)
    return ops.sum(losses * counts) / ops.maximum(ops.sum(counts), 1)
