import CCrypto
import KerasCore

/// A function that gives a word a number, for ``hashingTrick(_:count:hash:_:)``.
public enum WordHash: Sendable {
  /// MD5 of the word's UTF-8, as Keras' `hash_function="md5"`: the same numbers.
  case md5
  /// FarmHash, the same on every machine and in every run. Python's `hash`, Keras' default, differs from one
  /// run to the next and so can be matched by nothing.
  case stable
  case custom(@Sendable (String) -> UInt64)

  /// From 0 up to `count`.
  fileprivate func bucket(of word: String, count: Int) throws(KerasError) -> Int {
    switch self {
    case .md5: return try md5Remainder(of: word, modulo: count)
    case .stable: return try HashBuckets(count: count).bucket(of: word)
    case .custom(let function): return Int(function(word) % UInt64(count))
    }
  }
}

/// The words of a text as numbers from 1 up to `count` that a hash gives them; several words may share one.
///
/// - Parameter count: at least 2; 0 is given to no word.
/// - Throws: `invalidArgument`; `libraryFailure` where OpenSSL refuses MD5.
public func hashingTrick(
  _ text: String, count: Int, hash: WordHash = .stable, _ splitting: WordSplitting = WordSplitting()
) throws(KerasError) -> [Int] {
  try require(count > 1, "Hashed words need at least 2 numbers, of which 0 is not used, found \(count).")
  return try splitting.words(in: text).map { word throws(KerasError) in
    try hash.bucket(of: word, count: count - 1) + 1
  }
}

/// The same by a hash that is stable, where Keras' `one_hot` takes Python's, which is not.
public func oneHot(
  _ text: String, count: Int, _ splitting: WordSplitting = WordSplitting()
) throws(KerasError) -> [Int] {
  try hashingTrick(text, count: count, splitting)
}

/// The remainder of MD5 read as one number of 128 bits.
private func md5Remainder(of word: String, modulo count: Int) throws(KerasError) -> Int {
  let bytes = Array(word.utf8)
  var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
  var digestCount: UInt32 = 0
  guard EVP_Digest(bytes, bytes.count, &digest, &digestCount, EVP_md5(), nil) == 1 else {
    throw KerasError(
      .libraryFailure, "OpenSSL refuses MD5, as on systems restricted to approved algorithms.",
      remedy: "use WordHash.stable.")
  }
  let divisor = UInt64(count)
  return Int(
    digest.prefix(Int(digestCount)).reduce(0 as UInt64) { rest, byte in
      // The rest is below the divisor, so that the quotient fits.
      let high = rest >> 56
      return divisor.dividingFullWidth((high, rest << 8 | UInt64(byte))).remainder
    })
}
