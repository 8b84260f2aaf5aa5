from .core.errors import EchoError
from .core.progress import Progress
from .models.classifier import Classifier, load_classifier
from .reviews.collect_labels import collect_labels
from .reviews.review import review
from .reviews.suggestion import suggest_thresholds
from .reviews.thresholds import set_thresholds
from .screening.events import find_events
from .screening.results import Results, read_results
from .screening.screen import screen
from .searches.search import search
from .studies.before_after import Comparison
from .studies.improve import improve
from .studies.train import train
from .studies.training import Trained

__all__ = [
    "Classifier",
    "Comparison",
    "EchoError",
    "Progress",
    "Results",
    "Trained",
    "collect_labels",
    "find_events",
    "improve",
    "load_classifier",
    "read_results",
    "review",
    "screen",
    "search",
    "set_thresholds",
    "suggest_thresholds",
    "train",
]
__version__: str
