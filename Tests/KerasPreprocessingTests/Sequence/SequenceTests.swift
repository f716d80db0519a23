import KerasCore
import KerasPreprocessing
import Testing

/// What the golden cases do not say: errors, seeds, splits.
@Suite struct SequenceTests {
  @Test func sequencesOfOtherNumbers() throws {
    let padded = try padSequences([[0.5], [1.5, 2.5]], value: -1, dataType: .float32)
    #expect(padded.scalars() == [-1, 0.5, 1.5, 2.5] as [Float])
    #expect(try padSequences([[Int]](), length: 3).shape == [0, 3])
  }

  @Test func splitsFollowPython() throws {
    let x = Tensor((0..<8).map { Int32($0) })
    let parts = try splitDataset([x, x], left: .share(0.7), shuffleSeed: 0)
    // random.seed(0); random.shuffle(list(range(8)))
    #expect(parts.left[0].scalars(as: Int.self) == [4, 1, 5, 2, 0, 3])
    #expect(parts.right[1].scalars(as: Int.self) == [7, 6])
    let some = try splitDataset([x], left: .count(2), right: .count(1))
    #expect(some.left[0].scalars(as: Int.self) == [0, 1])
    #expect(some.right[0].scalars(as: Int.self) == [7])
  }

  @Test func windowsAreShuffledInEveryEpoch() throws {
    let series = Tensor((0..<40).map { Float($0) })
    let data = try TimeseriesData(series, sequenceLength: 3, batchSize: 100, shuffleSeed: 4)
    func firsts(_ epoch: Int) throws -> [Float] {
      try #require(try data.batches(inEpoch: epoch).next()).inputs[0].scalars().enumerated()
        .filter { $0.offset % 3 == 0 }.map(\.element)
    }
    #expect(try firsts(0).map { Int($0) } == data.starts)
    #expect(try firsts(1) != firsts(0))
    #expect(try firsts(1).sorted() == (0..<38).map { Float($0) })
  }

  static let misuses: [(String, @Sendable () throws(KerasError) -> Void)] = [
    (
      "The longest of no sequences has no length.\n  try: say how long they shall be.",
      { () throws(KerasError) in _ = try padSequences([[Int]]()) }
    ),
    (
      "1 sequences of -1 steps cannot be made.",
      { () throws(KerasError) in _ = try padSequences([[1]], length: -1) }
    ),
    (
      "Expected steps of shape (2,), found (3,).\n  in: sequence 1",
      { () throws(KerasError) in
        _ = try padSequences([Tensor(zeros: [1, 2]), Tensor(zeros: [1, 3])])
      }
    ),
    (
      "Expected class numbers from 0 to 2, found 3 as number 1.",
      { () throws(KerasError) in _ = try toCategorical(Tensor([0, 3] as [Int32]), classCount: 3) }
    ),
    (
      "Expected class numbers from 0 to 1, found -1 as number 0.",
      { () throws(KerasError) in _ = try toCategorical(Tensor([-1, 1] as [Int32])) }
    ),
    (
      "There is no axis 2 in a tensor of shape (2, 2).",
      { () throws(KerasError) in _ = try normalize(Tensor(zeros: [2, 2]), axis: 2) }
    ),
    (
      "The sampling table of 2 words does not hold word 5.",
      { () throws(KerasError) in _ = try skipgrams([1, 5], vocabularySize: 9, samplingTable: [1, 1]) }
    ),
    (
      "No window of 4 steps, 3 apart, fits into 9 steps.\n  try: use shorter windows, or a longer series.",
      { () throws(KerasError) in
        _ = try TimeseriesData(Tensor(zeros: [9]), sequenceLength: 4, samplingRate: 3)
      }
    ),
    (
      "Data and targets have as many steps, found 9 and 8.",
      { () throws(KerasError) in
        _ = try TimeseriesGenerator(Tensor(zeros: [9]), targets: Tensor(zeros: [8]), length: 2)
      }
    ),
    (
      "The first window ends before step 9, the last one before 8, of 9 steps.\n"
        + "  try: use shorter windows, or a longer series.",
      { () throws(KerasError) in
        _ = try TimeseriesGenerator(Tensor(zeros: [9]), targets: Tensor(zeros: [9]), length: 9)
      }
    ),
    (
      "4 samples cannot be split into 3 and 2.\n  try: choose sizes that leave both parts some.",
      { () throws(KerasError) in
        _ = try splitDataset([Tensor(zeros: [4])], left: .count(3), right: .count(2))
      }
    ),
    (
      "Neither part says how large it is.\n  try: give left or right.",
      { () throws(KerasError) in _ = try splitDataset([Tensor(zeros: [4])]) }
    ),
  ]

  @Test(arguments: misuses.indices)
  func misuseIsToldInWords(_ index: Int) {
    #expect(failure(Self.misuses[index].1) == Self.misuses[index].0)
  }
}
