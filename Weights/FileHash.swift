/// The published fingerprint of a file.
public struct FileHash: Hashable, Sendable {
  public enum Algorithm: String, Hashable, Sendable, CaseIterable {
    case md5 = "MD5"
    case sha256 = "SHA-256"

    /// Hexadecimal digits of a hash.
    public var digitCount: Int { self == .md5 ? 32 : 64 }
  }

  public let algorithm: Algorithm
  /// Lowercase hexadecimal digits.
  public let digits: String

  public init(_ algorithm: Algorithm, _ digits: String) {
    self.algorithm = algorithm
    self.digits = digits.lowercased()
  }
}

extension FileHash: CustomStringConvertible {
  /// `MD5 64373286793e3c8b2b4e3219cbf3544b`.
  public var description: String { "\(algorithm.rawValue) \(digits)" }
}
