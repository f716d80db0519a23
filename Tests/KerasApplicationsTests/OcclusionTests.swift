import KerasTestSupport
import Testing

@testable import KerasApplications

/// Occlusion against a plain loop, one prediction after the other.
@Suite struct OcclusionTests {
  @Test(arguments: ["onednn", "openblas"], [(16, 8), (20, 20), (100, 5)])
  func asAPlainLoop(backend: String, square: (patch: Int, stride: Int)) throws {
    let model = try GradCAMTests.model("softmax")
    let options = ComputeOptions(backend: backend)
    let picture = try GradCAMTests.picture(0, for: model)
    let (height, width) = (48, 64)
    func score(_ picture: Image) throws -> Double {
      Double(try model.predict(model.preprocess([picture]), options: options).scalars(as: Float.self)[1])
    }
    func starts(_ length: Int) -> [Int] {
      var starts: [Int] = []
      var start = 0
      while start + square.patch < length {
        starts.append(start)
        start += square.stride
      }
      return starts + [max(0, length - square.patch)]
    }
    let whole = try score(picture)
    var falls = [[Double]](repeating: [], count: height * width)
    for top in starts(height) {
      for left in starts(width) {
        var pixels = picture.pixels
        let inside = (0..<height * width).filter {
          (top..<top + square.patch).contains($0 / width) && (left..<left + square.patch).contains($0 % width)
        }
        for place in inside { for channel in 0..<3 { pixels[3 * place + channel] = 128 } }
        let fall = whole - (try score(Image(width: width, height: height, mode: .rgb, pixels: pixels)))
        for place in inside { falls[place].append(fall) }
      }
    }
    let means = falls.map { max(0, $0.reduce(0, +) / Double($0.count)) }
    let largest = try #require(means.max())

    let map = try model.occlusion(
      of: picture, class: 1, patch: square.patch, stride: square.stride, batchSize: 7, options: options)
    #expect([map.height, map.width] == [height, width] && map.layer == nil)
    #expect(abs(Double(map.strength) - largest) < 1e-5)
    let difference = zip(map.values, means).map { abs(Double($0) - (largest > 0 ? $1 / largest : 0)) }.max()
    #expect(difference ?? 1 < 1e-3)
  }

  @Test func wrongSquares() throws {
    let model = try GradCAMTests.model("softmax")
    let picture = try GradCAMTests.picture(0, for: model)
    for (patch, stride) in [(0, 1), (8, 9), (8, 0)] {
      let error = #expect(throws: KerasError.self) {
        try model.occlusion(of: picture, patch: patch, stride: stride)
      }
      #expect(
        error?.what == "A patch of \(patch) pixels that moves by \(stride) does not cover every place.")
    }
  }
}
