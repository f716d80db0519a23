import KerasTestSupport
import Testing

@testable import KerasApplications

/// The parts that families share, against numbers of Keras 3.15.1.
@Suite struct BlocksTests {
  @Test(
    arguments: [
      (32 * 0.35, 16), (16 * 0.35, 8), (12, 16), (44.8, 48), (44, 48), (83.2, 80), (3, 8), (11.9, 16),
      (1792, 1792),
      (7.9, 8),
    ] as [(Double, Int)])
  func filtersAreRoundedAsInKeras(_ filters: Double, _ rounded: Int) {
    #expect(roundedFilters(filters) == rounded)
  }

  @Test(
    arguments: [
      (nil, 3, 0, 1), (nil, 7, 2, 3), (31, 3, 1, 1), (31, 5, 2, 2), (32, 3, 0, 1), (224, 5, 1, 2),
      (33, 7, 3, 3),
    ] as [(Int?, Int, Int, Int)])
  func picturesArePaddedAsInKeras(_ length: Int?, _ kernelSize: Int, _ before: Int, _ after: Int) {
    let found = padding(before: kernelSize, ofLength: length)
    #expect(found.before == before && found.after == after)
  }

  /// Each channel times `sigmoid(v · relu(u · means))`.
  @Test func channelsAreWeighed() throws {
    let image = Input(shape: [2, 1, 2])
    let model = try Model(
      inputs: image,
      outputs: squeezeAndExcitation(
        image, channels: 2, reducedChannels: 1, activation: .relu, name: "block1_"))
    #expect(
      model.layers.map(\.name).dropFirst() == [
        "block1_se_squeeze", "block1_se_reshape", "block1_se_reduce", "block1_se_expand", "block1_se_excite",
      ])
    for (variable, numbers) in zip(model.weights, [[0.5, -0.25], [0.25], [1, -2], [0, 0.5]] as [[Float]]) {
      try variable.assign(Tensor(numbers, shape: variable.shape))
    }
    let x = try Tensor([1, 2, 3, 4] as [Float], shape: [1, 2, 1, 2])
    // Means 2 and 3, so the middle is 1 − 0.75 + 0.25 = 0.5.
    let gates = [0.5, -0.5].map { 1 / (1 + (-$0).exponential) }
    let want = [gates[0], 2 * gates[1], 3 * gates[0], 4 * gates[1]]
    let found = try model.predict(x).scalars(as: Float.self).map(Double.init)
    #expect(zip(found, want).allSatisfy { abs($0 - $1) < 1e-6 } && found.count == 4)
  }
}

extension Double {
  /// eˣ by its series, exact enough for small x.
  fileprivate var exponential: Double {
    (1...20).reduce((sum: 1.0, term: 1.0)) { step, n in
      let term = step.term * self / Double(n)
      return (step.sum + term, term)
    }.sum
  }
}
