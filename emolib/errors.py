"""The exception for everything that the user of the package can put right."""


class InputError(ValueError):
    """A file, option or label that cannot be used.

    The message is one sentence: where (file and line), the offending value, the likely mistake
    and the remedy. The command line shows it alone, without a traceback.
    """
