import KerasGraph
import KerasOneDNNBackend
import KerasOpenBLASBackend

/// The backends that property tests judge; a new backend joins here.
public let backendsUnderTest: [any Backend] = [OpenBLASBackend(), OneDNNBackend()]
