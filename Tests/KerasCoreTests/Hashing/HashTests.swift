import KerasCore
import Testing

@Suite struct HashTests {
  /// The example of the paper's appendix A: key 00…0f, text 00…0e.
  @Test func sipHashOfThePaper() {
    let key: (UInt64, UInt64) = (0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908)
    #expect(SipHash.hash((0..<15).map(UInt8.init), key: key) == 0xa129_ca61_49be_45e5)
  }

  /// From tf.strings.to_hash_bucket_fast with 2^62 buckets.
  @Test(arguments: [
    ("", 1_936_946_117_179_621_455),
    ("a", 3_694_432_073_954_588_131),
    ("fox", 3_769_723_791_420_678_622),
    ("hello wo", 3_616_420_679_985_843_595),
    ("hello world, hello", 3_381_891_086_023_703_939),
    (String(repeating: "x", count: 40), 3_168_538_174_772_821_140),
    (String(repeating: "0123456789", count: 7), 650_192_320_029_534_232),
    (String(repeating: "ab", count: 100), 3_793_065_838_716_207_133),
  ]) func farmHashOfTensorFlow(text: String, bucket: Int) throws {
    #expect(try HashBuckets(count: 1 << 62).bucket(of: text) == bucket)
  }

  @Test func integersAreTheirDigits() throws {
    let buckets = try HashBuckets(count: 1000, salt: [1, 2])
    #expect(buckets.bucket(of: -42) == buckets.bucket(of: "-42"))
  }

  @Test func aBucketIsNeeded() {
    let error = #expect(throws: KerasError.self) { try HashBuckets(count: 0) }
    #expect(error?.description == "Hashing needs at least one bucket, found 0.")
  }
}
