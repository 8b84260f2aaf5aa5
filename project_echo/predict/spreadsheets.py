def guarded(t):
    return t


def unguarded(t):
    return t
