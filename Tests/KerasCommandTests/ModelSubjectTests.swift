import Foundation
import KerasTestSupport
import Testing

/// A file or a name: every subcommand understands both, says the same about a typo, and refuses what it would ignore.
@Suite struct ModelSubjectTests {
  private let saved = PackagePaths.goldens.appending(path: "saved/mlp-keras.keras").path

  @Test(arguments: [
    ["classify", "a.png", "--model", "mobilnet"], ["doctor", "a.png", "--model", "mobilnet"],
    ["summary", "mobilnet"], ["inspect", "mobilnet"],
    ["plot", "mobilnet", "a.dot"], ["bench", "mobilnet"], ["plan", "mobilnet"], ["convert", "mobilnet", "a.keras"],
    ["diff", "mobilnet", "vgg16"], ["inspect", "mobilnet", "--after", "none"],
  ])
  func oneMessageForATypo(_ arguments: [String]) throws {
    #expect(
      try Workplace().start(arguments).outcome()
        == Outcome(
          errors: """
            error: There is neither a file nor a model called `mobilnet`.
              try: did you mean mobilenet, mobilenetv2, mobilenetv3small? `keras models` lists the models.

            """,
          code: 1))
  }

  @Test func namesThatAreNone() throws {
    let place = try Workplace()
    #expect(
      try place.keras("summary", "")
        == Outcome(
          errors: """
            error: The name of a file or model is empty.
              try: `keras models` lists the models.

            """,
          code: 1))
    #expect(
      try place.shell(#"keras summary "$(printf 'caf\351.keras')""#)
        == Outcome(
          errors: """
            error: The name caf\\xE9.keras is not UTF-8, which names of models' files must be.
              try: rename the file.

            """,
          code: 1))
  }

  @Test func foldersThatAreNoModels() throws {
    let place = try Workplace()
    try place.put("x".utf8, at: "photos/notes.txt")
    try place.put("x".utf8, at: "exported/saved_model.pb")
    #expect(
      try place.keras("summary", "photos")
        == Outcome(
          errors: """
            error: The folder is not a model of Keras 3. There is no config.json.
              in: photos
              try: give a file that Keras saved with model.save("….keras").

            """,
          code: 1))
    #expect(
      try place.keras("summary", "exported")
        == Outcome(
          errors: """
            error: The folder is a SavedModel of TensorFlow.
              in: exported
              try: load it in Python and save it with model.save("….keras").

            """,
          code: 1))
  }

  /// A number below zero is a number, not an option.
  @Test(arguments: [
    (["classify", "a.png", "--top", "-1"], "--top must be at least 1."),
    (["classify", "a.png", "--batch-size", "-3"], "--batch-size must be between 1 and 4096."),
    (["bench", "mobilenet", "--repeats", "-1"], "--repeats must be between 1 and 1000000."),
  ])
  func numbersBelowTheirRange(_ arguments: [String], _ message: String) throws {
    let outcome = try Workplace().start(arguments).outcome()
    #expect(outcome.errors.hasPrefix("Error: \(message)\n") && outcome.code == 64, "\(outcome)")
  }

  @Test func filesNearby() throws {
    let place = try Workplace()
    try place.put("x".utf8, at: "models/emotion.keras")
    #expect(
      try place.keras("summary", "models/emotions.keras")
        == Outcome(
          errors: """
            error: There is neither a file nor a model called `models/emotions.keras`.
              try: did you mean models/emotion.keras? `keras models` lists the models.

            """,
          code: 1))
  }

  @Test func aFolderIsNoModelOfTheCatalogue() throws {
    let place = try Workplace()
    try place.put("x".utf8, at: "vgg16/checkpoint")
    #expect(try place.keras("summary", "vgg16").output.hasPrefix("Model: \"vgg16\"\n"))
  }

  @Test func whatWouldBeIgnoredIsRefused() throws {
    for (arguments, option) in [
      (["summary", saved, "--alpha", "0.5"], "--alpha"), (["summary", saved, "--no-top"], "--no-top"),
      (["bench", saved, "--image-size", "64"], "--image-size"),
      (["bench", saved, "--weights", "a.h5"], "--weights"),
      (["classify", "a.png", "--model", saved, "--classes", "3"], "--classes"),
      (["convert", saved, "a.h5", "--alpha", "0.5"], "--alpha"),
    ] {
      #expect(
        try Workplace().start(arguments).outcome()
          == Outcome(
            errors: """
              error: \(option) is for the models that `keras models` lists; \(saved) is a file.
                try: leave \(option) out.

              """,
            code: 1))
    }
    #expect(
      try Workplace().keras("convert", saved, "a.h5", "--architecture", saved)
        == Outcome(
          errors: """
            error: --architecture is for weights alone; \(saved) is a whole model.
              try: leave --architecture out.

            """,
          code: 1))
    #expect(
      try Workplace().keras("classify", "a.png", "--preprocessing", "tf")
        == Outcome(
          errors: """
            error: --preprocessing is for models in files; mobilenet has its own.
              try: leave --preprocessing out.

            """,
          code: 1))
  }

  @Test func publishedWeightsAreOfCertainSizes() throws {
    for (arguments, message) in [
      (
        ["--alpha", "0.3"],
        """
        error: The weights of mobilenet are published for --alpha 0.25, 0.5, 0.75 or 1, found 0.3.
          try: use one of those, or name weights of your own with --weights, or none.
        """
      ),
      (
        ["--model", "vgg16", "--image-size", "100"],
        """
        error: The published classifier of vgg16 is for pictures of --image-size 224, found 100.
          try: leave --image-size out, or name weights of your own with --weights, or none.
        """
      ),
      (
        ["--classes", "5"],
        """
        error: The published classifier of mobilenet knows 1000 classes, found --classes 5.
          try: leave --classes out, or name weights of your own with --weights, or none.
        """
      ),
      (
        ["--weights", "."],
        """
        error: . is a folder, not a file of weights.
          try: name the file in it.
        """
      ),
    ] {
      let outcome = try Workplace().start(["classify", "a.png"] + arguments).outcome()
      #expect(outcome == Outcome(errors: message + "\n", code: 1))
    }
  }
}
