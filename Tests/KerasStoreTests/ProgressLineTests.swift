import Testing

@testable import KerasStore

@Suite struct ProgressLineTests {
  private func line(_ count: Int, of total: Int?, rate: Double, columns: Int) -> String {
    ProgressLine(
      name: "resnet50_weights_tf_dim_ordering_tf_kernels.h5", byteCount: count, total: total,
      bytesPerSecond: rate
    ).text(columns: columns)
  }

  @Test func fitsTheTerminal() {
    #expect(
      line(51_483_712, of: 102_967_424, rate: 12_100_000, columns: 100)
        == "resnet50_weights_tf_dim_or….h5 [#############              ]  50 %  51.5/103.0 MB  12.1 MB/s  0:05"
    )
    #expect(
      line(51_483_712, of: 102_967_424, rate: 12_100_000, columns: 60)
        == "resnet….h5 [###    ]  50 %  51.5/103.0 MB  12.1 MB/s  0:05")
    #expect(
      line(1_000_000, of: nil, rate: 0, columns: 80)
        == "resnet50_weights_tf_dim_ordering_tf_kernels.h5 1.0 MB")
    for columns in 0..<200 where columns > 50 {
      #expect(line(5, of: 10, rate: 1, columns: columns).count < columns)
    }
  }

  @Test func neverExceedsWhatItKnows() {
    #expect(line(20, of: 10, rate: 1e-9, columns: 80).contains("100 %"))
    #expect(line(0, of: 1 << 40, rate: 1e-9, columns: 120).hasSuffix("99:59:59"))
  }

  @Test(arguments: [(0, "0:00"), (3.2, "0:04"), (61, "1:01"), (3723, "1:02:03")])
  func durations(seconds: Double, text: String) {
    #expect(durationText(seconds) == text)
  }

  @Test func theRateIsTheAverageAndThenFollows() {
    var rate = TransferRate(byteCount: 500, at: 0)
    // A burst at the very beginning is soon forgotten.
    rate.update(byteCount: 1500, at: 1_000)
    rate.update(byteCount: 1500, at: 2_000_000_000)
    #expect(abs(rate.value - 500) < 1)
    rate.update(byteCount: 1500, at: 2_000_000_000)
    #expect(abs(rate.value - 500) < 1)
    for second in 3...60 { rate.update(byteCount: 1500 + 200 * (second - 2), at: second * 1_000_000_000) }
    #expect(abs(rate.value - 200) < 1)
  }
}

@Suite struct RetryPolicyTests {
  @Test func waitsLongerEachTimeWithinLimits() {
    var policy = RetryPolicy()
    policy.random = { 0.5 }
    #expect((1...7).map { policy.delay(after: $0, requested: nil) } == [1, 2, 4, 8, 16, 30, 30])
    #expect(policy.delay(after: 1_000_000, requested: nil) == 30)
    #expect(policy.delay(after: 1, requested: 7) == 7)
    #expect(policy.delay(after: 1, requested: 3600) == 30)
    policy.random = { 0 }
    #expect(policy.delay(after: 1, requested: nil) == 0.5)
  }
}
