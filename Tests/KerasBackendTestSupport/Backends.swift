import Glibc
import KerasGraph
import KerasOneDNNBackend
import KerasOpenBLASBackend
import KerasXLABackend

/// The backends that property and golden tests judge; a new backend joins here.
///
/// `KERAS_TEST_BACKENDS` names them (`openblas,onednn,xla`); by default they are all that are there: `xla` where
/// `KERAS_XLA_PLUGIN` names a plugin or one is found.
public let backendsUnderTest: [any Backend] = chosenBackends()

private func chosenBackends() -> [any Backend] {
  // Thousands of small programs are of no use to anybody later.
  setenv("KERAS_XLA_CACHE", "0", 0)
  // XLA's CPU plays four devices; read once, when the plugin begins.
  setenv("XLA_FLAGS", "--xla_force_host_platform_device_count=4", 0)
  let names = processEnvironment("KERAS_TEST_BACKENDS")?.split(separator: ",").map(String.init)
  let standard = XLADevices.plugins.isEmpty ? ["openblas", "onednn"] : ["openblas", "onednn", "xla"]
  return (names ?? standard).map { name in
    switch name {
    case "openblas": return OpenBLASBackend()
    case "onednn": return OneDNNBackend()
    default:
      do { return try XLADevices.backend(named: name) } catch { preconditionFailure("\(error)") }
    }
  }
}
