import Foundation
import KerasTestSupport
import Testing

@testable import Keras

/// The stages that a picture goes through.
@Suite struct PreprocessingReportTests {
  /// A file with a picture of 40 × 20, and its path.
  private func withPicture(_ mode: Image.Mode, _ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "keras-doctor-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let pixels = (0..<40 * 20 * mode.bytesPerPixel).map { UInt8(truncatingIfNeeded: $0 * 7) }
    let path = folder.appending(path: "a.png").path
    try Image(width: 40, height: 20, mode: mode, pixels: pixels).save(to: path)
    try body(path)
  }

  private func model(_ application: Application) throws -> ImageModel {
    try application(weights: .none, inputShape: [224, 224, 3])
  }

  @Test func stagesAreWhatTheModelSees() throws {
    let model = try model(ResNet50)
    try withPicture(.rgb) { path in
      for preset in ResizingPreset.allCases {
        let report = try model.preprocessingReport(ofPicture: path, resizing: preset)
        #expect(report.stages.map(\.name) == PreprocessingReport.Name.allCases)
        #expect(
          report.stages.map(\.size)
            == [ImageSize(height: 20, width: 40), ImageSize(height: 20, width: 40)]
            + [ImageSize(side: 224), ImageSize(side: 224)])
        let seen = try Image.load(from: path, size: model.imageSize, preset: preset)
        #expect(report.stages[2].image == seen)
        #expect(report.stages[2].channels == ChannelNumbers.of(seen))
        #expect(try report.input.scalars(as: Float.self) == model.preprocess([seen]).scalars(as: Float.self))
        #expect(report.stages[3].channelNames == ["blue", "green", "red"])
        #expect(report.verdict.mode == .caffe)
        #expect(
          report.notes
            == (preset == .centerCrop
              ? [] : ["Proportions changed: the picture was squashed 2.0 times in its width."]))
      }
      let smooth = try model.preprocessingReport(ofPicture: path, interpolation: .bicubic)
      #expect(
        try smooth.stages[2].image
          == Image.load(from: path, targetSize: model.imageSize, interpolation: .bicubic))
    }
  }

  @Test func sayWhatConversionLoses() throws {
    let model = try model(ModelCatalog.application(named: "mobilenetv2"))
    try withPicture(.rgba) { path in
      let report = try model.preprocessingReport(ofPicture: path)
      #expect(report.stages[0].channelNames == ["red", "green", "blue", "opacity"])
      #expect(report.stages[1].channelNames == ["red", "green", "blue"])
      #expect(
        report.notes.first
          == "Opacity was dropped, not blended: what was transparent shows the colours behind it.")
      #expect(report.verdict.mode == .tf)
    }
    try withPicture(.grayscale16) { path in
      let report = try model.preprocessingReport(ofPicture: path)
      #expect(report.stages[0].channelNames == ["grey"] && report.stages[0].channels[0].maximum > 255)
      #expect(report.stages[1].channels.map(\.maximum) == [255, 255, 255])
      #expect(report.notes.first == "The file has 16-bit grey; what is above 255 became 255, as in Pillow.")
    }
  }

  @Test func stripShowsThemSideBySide() throws {
    let model = try model(ResNet50)
    try withPicture(.rgba) { path in
      let report = try model.preprocessingReport(ofPicture: path)
      let strip = try report.strip(height: 50)
      // 40 × 20 twice, squares twice, and white around them.
      #expect(strip.mode == .rgb && strip.size == ImageSize(height: 66, width: 100 + 100 + 50 + 50 + 5 * 8))
      #expect(strip.pixels.prefix(8 * strip.width * 3).allSatisfy { $0 == 255 })
      #expect(try report.strip().height == 224 + 16)
      for height in [0, 5000] {
        let error = #expect(throws: KerasError.self) { _ = try report.strip(height: height) }
        #expect(error?.description == "A strip is 1 … 4096 pixels high, found \(height).")
      }
    }
  }

  @Test func modelsOfOneChannelSeeGrey() throws {
    let image = Input(shape: [16, 16, 1])
    let network = try Model(inputs: image, outputs: Dense(units: 2)(Flatten()(image)))
    let model = try ImageModel(network, preprocessing: .unit)
    try withPicture(.rgb) { path in
      let report = try model.preprocessingReport(ofPicture: path)
      #expect(report.stages.map(\.channelNames.count) == [3, 1, 1, 1])
      #expect(report.verdict.mode == .unit)
    }
  }

  @Test func refusesWhatIsNoPicture() throws {
    let model = try model(ResNet50)
    let error = #expect(throws: KerasError.self) {
      _ = try model.preprocessingReport(ofPicture: "/no/such.png")
    }
    #expect(error?.kind == .fileNotFound)
  }
}
