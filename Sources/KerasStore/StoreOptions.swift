import Glibc
import KerasCore

/// How the store behaves towards the network.
public struct StoreOptions: Sendable {
  /// Never use the network; a missing file is an error that says where to put it.
  public var isOffline = false
  /// Tried before the official address, in this order: http, https and file URLs, and folders.
  /// A file is looked for at `<base>/<family>/<name>`, then at `<base>/<name>`; a query (`?token=…`) stays at
  /// the end.
  public var mirrors: [String] = []
  /// Whether the official address is tried after the mirrors.
  public var usesOfficialHosts = true
  public var retries = RetryPolicy()
  /// Seconds a connection may take to come about.
  public var connectTimeout = 20
  /// Seconds without a byte after which a transfer counts as broken.
  public var stallTimeout = 30.0
  /// Bytes a second, on average over ``stallTimeout``, below which a transfer counts as broken: it would never end.
  public var leastRate = 1000.0
  /// Seconds to wait for another process that holds the lock and makes no progress.
  public var lockPatience = 300.0
  /// A file of certificate authorities, for networks that look into TLS; the system's when nil.
  public var certificateFile: String?

  public init() {}

  /// Reads `KERAS_OFFLINE`, `KERAS_WEIGHTS_BASE_URL` and, as the curl command does, `CURL_CA_BUNDLE` and
  /// `SSL_CERT_FILE`. Proxy variables are libcurl's own affair.
  ///
  /// Several mirrors are separated by commas or spaces. A folder's name and a password may hold these, too: only
  /// what stands before another URL, or a path that begins with `/`, `~/`, `./` or `../`, separates.
  public init(environment: Environment) {
    isOffline = isOn(environment("KERAS_OFFLINE"))
    mirrors = KerasStore.mirrors(in: environment("KERAS_WEIGHTS_BASE_URL") ?? "")
    certificateFile = environment("CURL_CA_BUNDLE") ?? environment("SSL_CERT_FILE")
  }
}

/// How often a broken transfer is taken up again: after 1, 2, 4, … seconds, each give or take a half, so
/// that a cluster does not come back all at once.
///
/// Attempts that brought the file further than ever before do not count.
public struct RetryPolicy: Sendable {
  /// Fruitless attempts before giving up, the first included.
  public var attempts = 5
  public var firstDelay = 1.0
  /// No wait is longer, whatever the server asks for.
  public var longestDelay = 30.0
  /// A number in 0..<1.
  public var random: @Sendable () -> Double = { Double.random(in: 0..<1) }
  /// Waits for a number of seconds.
  public var sleep: @Sendable (Double) -> Void = { _ = usleep(UInt32($0 * 1e6)) }

  public init() {}

  /// Seconds to wait after `failures` (at least 1) fruitless attempts.
  func delay(after failures: Int, requested: Double?) -> Double {
    if let requested { return min(max(requested, 0), longestDelay) }
    let exponential = firstDelay * Double(1 << min(failures - 1, 30))
    return min(exponential * (0.5 + random()), longestDelay)
  }
}
