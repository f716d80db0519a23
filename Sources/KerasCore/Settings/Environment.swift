import Glibc

/// Reads environment variables; a parameter wherever they matter, so that tests can supply their own.
public typealias Environment = @Sendable (_ name: String) -> String?

/// The environment of this process. An empty variable counts as absent.
@Sendable
public func processEnvironment(_ name: String) -> String? {
  guard let value = getenv(name) else { return nil }
  let text = String(cString: value)
  return text.isEmpty ? nil : text
}

/// Whether a switch such as `KERAS_OFFLINE` is on: set, and not to `0`, `false`, `no` or `off`.
package func isOn(_ value: String?) -> Bool {
  guard let value else { return false }
  return !["", "0", "false", "no", "off"].contains(value.lowercased())
}
