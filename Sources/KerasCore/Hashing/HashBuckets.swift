/// Sorts anything into a number of buckets by a hash of its text, as TensorFlow's `to_hash_bucket` operations.
public struct HashBuckets: Hashable, Sendable {
  /// At least 1.
  public let count: Int
  /// The key of SipHash, two numbers; nil for FarmHash, which has none.
  public let salt: [Int]?

  /// - Throws: `invalidArgument` for no buckets, or a salt that is not two numbers.
  public init(count: Int, salt: [Int]? = nil) throws(KerasError) {
    guard count > 0 else {
      throw KerasError(.invalidArgument, "Hashing needs at least one bucket, found \(count).")
    }
    guard salt == nil || salt?.count == 2 else {
      throw KerasError(.invalidArgument, "A salt is two whole numbers, found \(salt ?? []).")
    }
    self.count = count
    self.salt = salt
  }

  public func bucket(of text: String) -> Int { Int(hash(text.utf8) % UInt64(count)) }

  /// Of its decimal digits.
  public func bucket(of integer: Int64) -> Int { bucket(of: String(integer)) }

  private func hash(_ bytes: some Sequence<UInt8>) -> UInt64 {
    guard let salt, salt.count == 2 else { return FarmHash.fingerprint(bytes) }
    return SipHash.hash(
      bytes, key: (UInt64(bitPattern: Int64(salt[0])), UInt64(bitPattern: Int64(salt[1]))))
  }
}

/// Sorts combinations of features into buckets, as TensorFlow's `sparse.cross_hashed`.
public enum CrossedBuckets {
  /// The fingerprint of a text; integers stand for themselves.
  public static func feature(_ text: String) -> UInt64 { FarmHash.fingerprint(text.utf8) }

  /// - Parameters:
  ///   - features: one of each crossed column.
  ///   - count: of buckets, at least 1.
  public static func bucket(of features: some Sequence<UInt64>, count: Int) -> Int {
    let hash = features.reduce(0xDECAF_CAFFE) { FarmHash.concatenated($0, $1) }
    return Int(hash % UInt64(count))
  }
}
