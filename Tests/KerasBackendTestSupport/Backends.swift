import Glibc
import KerasGraph
import KerasOneDNNBackend
import KerasOpenBLASBackend
import KerasXLABackend

/// The backends that property and golden tests judge; a new backend joins here.
///
/// `KERAS_TEST_BACKENDS` names them (`openblas,onednn,xla`); by default they are all that are there: `xla` where
/// `KERAS_XLA_PLUGIN` names a plugin or one is found.
public let backendsUnderTest: [any Backend] = {
  // Thousands of small programs are of no use to anybody later.
  setenv("KERAS_XLA_CACHE", "0", 0)
  let plugins = XLADevices.plugins.isEmpty ? [] : ["xla"]
  let names = processEnvironment("KERAS_TEST_BACKENDS")?.split(separator: ",").map(String.init)
  return (names ?? ["openblas", "onednn"] + plugins).map { name in
    switch name {
    case "openblas": return OpenBLASBackend()
    case "onednn": return OneDNNBackend()
    default:
      do { return try XLADevices.backend(named: name) } catch { preconditionFailure("\(error)") }
    }
  }
}()
