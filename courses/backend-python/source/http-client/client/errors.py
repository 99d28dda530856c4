"""What goes wrong with the weather service. Leave this file as it is."""


class ServiceError(Exception):
    """The service did not give what was asked for."""


class ServiceTimeout(ServiceError):
    """The service did not answer in time."""
