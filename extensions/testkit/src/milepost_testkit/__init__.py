"""What project tests import to talk to the learner's code."""
